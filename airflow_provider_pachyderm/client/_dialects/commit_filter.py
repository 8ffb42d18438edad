"""Which commits to list, and filtering them where the server cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.calls import Listing, Plan
from airflow_provider_pachyderm.client._models import Commit, CommitInfo, OriginKind


@dataclass(frozen=True, slots=True)
class CommitFilter:
    """What commits to list.

    :param origin: only those of this origin; if None, all but aliases.
    :param aliases: also aliases (2.0 to 2.5).
    :param before: only those that were started before.
    :param reverse: the oldest first.
    """

    origin: OriginKind | None = None
    aliases: bool = False
    before: datetime | None = None
    reverse: bool = False

    def beyond(self, capabilities: Capabilities, to: Commit | None) -> CommitFilter:
        """Return what of it a server cannot do itself.

        :param to: where the list begins; no server reverses a list that begins somewhere, or filters it by time.
        """
        return CommitFilter(
            origin=None if Feature.LIST_ORIGIN in capabilities else self.origin,
            before=None if filters_by_time(capabilities, to) else self.before,
            reverse=self.reverse and not reverses(capabilities, to),
        )

    def __bool__(self) -> bool:
        return self != ALL_COMMITS

    def apply(self, listing: Listing[CommitInfo]) -> Listing[CommitInfo]:
        """Filter a list of all commits, and reverse it if that is wanted."""
        if self.origin is not None or self.before is not None:
            listing = listing.where(self._fits)
        return Listing(partial(_reversed, listing)) if self.reverse else listing

    def _fits(self, info: CommitInfo) -> bool:
        if self.origin is not None and info.origin is not self.origin:
            return False
        return self.before is None or (info.started is not None and info.started < self.before)


ALL_COMMITS = CommitFilter()


def reverses(capabilities: Capabilities, to: Commit | None) -> bool:
    """Whether a server can list in reverse itself."""
    return to is None and Feature.LIST_REVERSE in capabilities


def filters_by_time(capabilities: Capabilities, to: Commit | None) -> bool:
    """Whether a server itself leaves out what was started too late."""
    return to is None and Feature.LIST_BEFORE in capabilities


def _reversed(listing: Listing[CommitInfo]) -> Plan[Sequence[CommitInfo]]:
    return (yield from listing.all())[::-1]
