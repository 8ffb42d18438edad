"""Lists of files page by page, the same from every server."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from airflow_provider_pachyderm.client._dialects.calls import Listing
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._models import FileInfo
from airflow_provider_pachyderm.client._order import sort_key
from airflow_provider_pachyderm.client._paths import below

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of the list of a directory is wanted.

    :param after: what comes behind this path; in a list that is turned around, what is before it in the other.
    :param number: how many at most; 0 for all.
    """

    directory: str
    after: str | None
    number: int
    reverse: bool

    def __post_init__(self) -> None:
        if self.after is not None and not below(self.after, self.directory):
            raise InvalidRequest(f"after is {self.after}, which is not below {self.directory}")

    def of(self, listing: Listing[FileInfo]) -> Listing[FileInfo]:
        """Cut a listing to the page, but for turning it around."""
        limited = replace(listing, limit=self.number or None) if not self.reverse else listing
        if self.after is None:
            return limited
        return replace(limited, read=lambda reply: self._wanted(listing.read(reply)), absent=None)

    def _wanted(self, infos: Iterable[FileInfo]) -> Iterable[FileInfo]:
        assert self.after is not None
        border = sort_key(self.after)
        for info in infos:
            key = sort_key(info.path)
            if key < border if self.reverse else key > border:
                yield info


def turned(listing: Listing[T]) -> Listing[T]:
    """Make the listing of items that are there already, as they were turned around, or chosen."""
    return replace(listing, read=_itself, order=None, absent=None, tally=None)


def _itself(item: Any) -> Iterable[Any]:
    return (item,)
