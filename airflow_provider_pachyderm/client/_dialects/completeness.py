"""Whether a list is complete, as far as servers say how much there is."""

from __future__ import annotations

from typing import Any

from airflow_provider_pachyderm.client._errors import StreamBroken

_WRAP = 2**64
_DIRECTORY = 2  # FILE_TYPE_DIR of both protocols


_HEADER_ALONE = ", or it holds nothing but the header of split content: list_file() gives nothing then"


class WalkTally:
    """Adds up the list of a directory and all below it.

    It begins with the directory itself, whose size is that of all files below it: a list whose files have less has
    ended early.

    :param about: the directory.
    :param method: path of the call.
    :param headers: the server has directories of pieces with a header, which counts in their size.
    """

    def __init__(self, about: object, method: str, headers: bool = False) -> None:
        self._about = about
        self._method = method
        self._headers = headers
        self._entries = 0
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
        self._entries += 1

    def check(self) -> None:
        """Compare at the end of the list.

        :raises StreamBroken: if something is missing.
        """
        if self._received < self._stated:
            or_else = _HEADER_ALONE if self._headers and self._entries == 1 else ""
            raise list_broken(self._about, self._received, self._stated, self._method, or_else)


def signed(size: int) -> int:
    """Give a size that 1.x has counted below zero, where the header of pieces went that it never counted in."""
    return size - _WRAP if size >= _WRAP // 2 else size


def list_broken(about: object, came: int, stated: int, method: str = "", or_else: str = "") -> StreamBroken:
    """Make the error for a list of a directory that has too few files.

    :param or_else: what else it may be.
    """
    return StreamBroken(
        f"{about}: the list ended early: its files have {came} of {stated} bytes{or_else} [{method}]",
        method=method,
        reference=str(about),
    )
