"""What dialects make: plans of calls, streams to send and pauses; and lists. How plain answers are read.

A *plan* is a generator that yields calls, gets their results sent in (errors thrown in) and returns its own. One plan
serves the sync client, the async client and the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from itertools import islice
from typing import Any, Generic, TypeAlias, TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm.client._dialects.completeness import WalkTally
from airflow_provider_pachyderm.client._models import Commit
from airflow_provider_pachyderm.client._paths import PathOrder
from airflow_provider_pachyderm.client._refs import is_expression

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_FIRST, _LAST = (time.replace(tzinfo=timezone.utc) for time in (datetime.min, datetime.max))


@dataclass(frozen=True, slots=True)
class Call(Generic[T_co]):
    """One call: what to send and how to read the answer.

    :param read: makes the value of a reply; of a list: the items of a reply, be it one of many or the only one.
    :param about: the repo, commit or file, for error texts.
    :param waits: whether the server may take as long as it likes to answer.
    :param more: what else is sent when a batch of replies has come, where the server waits for that.
    :param batch: how many replies are a batch.
    """

    method: Method[Any, Any]
    request: Message
    read: Callable[[Any], T_co]
    about: object = ""
    waits: bool = False
    more: Message | None = None
    batch: int = 0


@dataclass(frozen=True, slots=True)
class Send:
    """One call that sends a stream of encoded messages and gets an empty reply.

    :param waits: whether the server may take as long as it likes.
    """

    method: Method[Any, Any]
    frames: tuple[bytes, ...]
    about: object = ""
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing to do for some seconds; a plan that waits for something asks again after it.

    :param about: what it waits for.
    :param first: whether it is the first for that: the time that the caller gives for it counts from here.
    """

    seconds: float
    about: object
    first: bool = False


Plan: TypeAlias = "Generator[Call[Any] | Listing[Any] | Send | Pause, Any, T]"


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A list, whose items are read as they come.

    :param source: the call whose replies have the items, or whose only reply has; or what plans how to get them all,
        where a server needs several calls.
    :param wanted: whether an item is wanted.
    :param limit: how many are, at most.
    :param absent: what to raise when there are none.
    :param order: makes what puts paths in order, where the server's is another one.
    :param tally: makes what tells from the replies whether all of them came.
    :param settle: plans what to read instead of a reply, as it may have come too early.
    :param resume: plans which call gives what comes behind a commit, or behind all that was asked for before if None,
        when the connection breaks; None if nobody can tell.
    """

    source: Call[Iterable[T]] | Callable[[], Plan[Iterable[T]]]
    wanted: Callable[[T], bool] | None = field(default=None, kw_only=True)
    limit: int | None = field(default=None, kw_only=True)
    absent: Callable[[], Exception] | None = field(default=None, kw_only=True)
    order: Callable[[], PathOrder[T]] | None = field(default=None, kw_only=True)
    tally: Callable[[], WalkTally] | None = field(default=None, kw_only=True)
    settle: Callable[[Any], Plan[Any]] | None = field(default=None, kw_only=True)
    resume: Callable[[str | None], Plan[Call[Iterable[T]] | None]] | None = field(default=None, kw_only=True)

    def where(self, wanted: Callable[[T], bool]) -> Listing[T]:
        """Leave out what is not wanted."""
        before = self.wanted
        return replace(self, wanted=wanted if before is None else lambda item: before(item) and wanted(item))

    def all(self) -> Plan[list[T]]:
        """Get all items."""
        if isinstance(self.source, Call):
            items: list[T] = yield self
            return items
        return self.pick((yield from self.source()))

    def pick(self, items: Iterable[T]) -> list[T]:
        """Take what is wanted of the items, which are all there are."""
        picked = list(islice(items if self.wanted is None else filter(self.wanted, items), self.limit))
        if not picked and self.absent is not None:
            raise self.absent()
        return picked


def once(call: Call[T]) -> Plan[T]:
    """Make a plan of one call."""
    value: T = yield call
    return value


def raw(reply: Any) -> Any:
    """Leave a reply as it is, for a plan that gathers replies."""
    return reply


def nothing(reply: object) -> None:
    """Read a reply that says nothing."""


def one(read: Callable[[Any], T]) -> Callable[[Any], Iterable[T]]:
    """Make the reader of a listing whose replies are one item each."""
    return lambda reply: (read(reply),)


def commits_in(reply: Any) -> Iterable[Any]:
    """Give the commits of a reply that is one, or a list of them (1.4 to 1.6)."""
    infos: Iterable[Any] = getattr(reply, "commit_info", (reply,))
    return infos


def known_branch(commit: Commit | None) -> str | None:
    """Name the branch a commit was asked for by, if it is one."""
    branch = None if commit is None else commit.branch
    return branch if branch and not is_expression(branch) else None


def read_time(message: Message, field: str) -> datetime | None:
    """Read a time that may be unset; one that no datetime can hold is the last or the first of them."""
    if not message.HasField(field):
        return None
    stamp: Timestamp = getattr(message, field)
    try:
        return stamp.ToDatetime(tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        return _LAST if stamp.seconds > 0 else _FIRST


def read_ttl(now: datetime, seconds: int) -> datetime:
    """Read when it is so many seconds from now on; as late as a datetime can be, if it is later."""
    try:
        return now + timedelta(seconds=seconds)
    except OverflowError:
        return _LAST
