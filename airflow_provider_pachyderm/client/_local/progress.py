"""Telling a caller how far something is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What is told how many bytes there are, and how many of them are done: ``fsspec.callbacks.Callback`` is one."""

    def set_size(self, size: int, /) -> object:
        """Take note of how many there are in all."""

    def relative_update(self, inc: int, /) -> object:
        """Take note of some more that are done."""
