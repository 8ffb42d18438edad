"""Whether a list is complete, as far as servers say how much there is."""

from __future__ import annotations

from typing import Any

from airflow_provider_pachyderm.client._errors import StreamBroken

_WRAP = 2**64
_DIRECTORY = 2  # FILE_TYPE_DIR of both protocols


class WalkTally:
    """Adds up the list of a directory and all below it.

    It begins with the directory itself, whose size is that of all files below it: a list whose files have less has
    ended early.

    :param about: the directory.
    :param method: path of the call.
    """

    def __init__(self, about: object, method: str) -> None:
        self._about = about
        self._method = method
        self._begun = False
        self._stated = 0
        self._received = 0

    def take(self, reply: Any) -> None:
        """Add a FileInfo as it comes."""
        if reply.file_type != _DIRECTORY:
            self._received += reply.size_bytes
        elif not self._begun:
            self._stated = signed(reply.size_bytes)
        self._begun = True

    def check(self) -> None:
        """Compare at the end of the list.

        :raises StreamBroken: if something is missing.
        """
        if self._received < self._stated:
            raise list_broken(self._about, self._received, self._stated, self._method)


def signed(size: int) -> int:
    """Give a size that 1.x has counted below zero, where the header of pieces went that it never counted in."""
    return size - _WRAP if size >= _WRAP // 2 else size


def list_broken(about: object, came: int, stated: int, method: str = "") -> StreamBroken:
    """Make the error for a list of a directory that has too few files."""
    return StreamBroken(
        f"{about}: the list ended early: its files have {came} of {stated} bytes [{method}]",
        method=method,
        reference=str(about),
    )
