"""What dialects make: calls, streams to send, pauses, and plans of these; and how plain answers are read.

What takes several calls is a *plan*: a generator that yields calls, gets their results sent in (errors thrown in)
and returns its own. One plan serves the sync client, the async client and the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm.client._dialects.wholeness import WalkTally
from airflow_provider_pachyderm.client._errors import FileNotFound, PachydermError
from airflow_provider_pachyderm.client._local.digests import Objects
from airflow_provider_pachyderm.client._models import Commit, CommitInfo, FileInfo
from airflow_provider_pachyderm.client._paths import PathOrder
from airflow_provider_pachyderm.client._refs import is_expression

T = TypeVar("T")
_FIRST, _LAST = (time.replace(tzinfo=timezone.utc) for time in (datetime.min, datetime.max))


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One call: what to send and how to read the answer.

    :param read: makes the value of a reply; of a listing: the items of a reply, be it one of many or the only one.
    :param about: the repo, commit or file, for error texts.
    :param waits: whether the server may take as long as it likes to answer.
    :param limit: cut a listing after so many items.
    :param absent: what to raise when a listing has no items.
    :param order: makes what puts a listing of paths in order, where the server's is another one.
    :param tally: makes what tells from the replies of a listing whether all of them came.
    :param by: a plan that gives the reply instead, or the replies of a listing, as this server needs several calls.
    :param settle: a call that gives what to read instead of a reply of a listing, if that came too early.
    """

    method: Method[Any, Any]
    request: Message
    read: Callable[[Any], T]
    about: object = ""
    waits: bool = False
    limit: int | None = None
    absent: Callable[[], Exception] | None = None
    order: Callable[[], PathOrder[Any]] | None = None
    tally: Callable[[], WalkTally] | None = None
    by: Callable[[], Plan[Any]] | None = None
    settle: Callable[[Any], Call[Any] | None] | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """One call that sends a stream of encoded messages and gets an empty reply."""

    method: Method[Any, Any]
    frames: tuple[bytes, ...]
    about: object = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing to do for some seconds; a plan that waits for something asks again after it.

    :param about: what it waits for.
    """

    seconds: float
    about: object


Listing: TypeAlias = "Call[Iterable[T]]"
Plan: TypeAlias = "Generator[Call[Any] | Send | Pause, Any, T]"


class StreamCheck(Protocol):
    """Follows what comes with a stream."""

    def feed(self, data: bytes) -> None:
        """Note what came."""

    def missing(self) -> str:
        """Say what is missing, if this was all; empty if nothing is."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How to tell whether the content of a whole file is what the server has.

    :param stated: the hash that it has stated of the file.
    :param ask: asks what the file consists of.
    """

    stated: bytes
    ask: Call[Objects]


@dataclass(frozen=True, slots=True)
class Download:
    """How to read one file.

    :param expected: how many bytes must come, by what the server has said; None: only the end of the stream tells.
    :param full: no more than ``expected`` can come; else the server may have said too little.
    :param limit: how many bytes are wanted; the server may send more.
    :param skip: how many bytes come before those that are wanted.
    :param rest: makes what reads on after so many bytes, where a server may have said too much: if nothing is there,
        nothing is missing. It gives None if that would prove nothing.
    :param check: makes what follows the bytes and tells whether all came.
    :param proof: tells whether they are the right ones, where a server says enough for that.
    """

    call: Call[bytes]
    expected: int | None = None
    limit: int | None = None
    skip: int = 0
    rest: Callable[[int], Download | None] | None = None
    check: Callable[[], StreamCheck] | None = None
    proof: Proof | None = None
    full: bool = True


@dataclass(frozen=True, slots=True)
class Subscription:
    """How to follow a branch.

    :param cursor_lost: the commit to start after is gone, so this starts at the head.
    """

    call: Listing[CommitInfo]
    cursor_lost: bool = False


def part_of(info: FileInfo, offset: int, size: int) -> tuple[int, int | None]:
    """Tell how many bytes of a file must come, and how many are wanted if the server may send more.

    :param size: 0 for all from ``offset`` on.
    """
    rest = max(0, info.size_bytes - offset)
    return (size, size) if 0 < size < rest else (rest, None)


def once(call: Call[T]) -> Plan[T]:
    """Make a plan of one call."""
    value: T = yield call
    return value


def raw(reply: Any) -> Any:
    """Leave a reply as it is, for a plan that gathers replies."""
    return reply


def forgiving(call: Call[None], kind: type[PachydermError]) -> Call[None]:
    """Make a call for which an error means that there was nothing left to do."""

    def attempt() -> Plan[None]:
        try:
            yield call
        except kind:
            return

    return replace(call, by=attempt)


def nothing(reply: object) -> None:
    """Read a reply that says nothing."""


def one(read: Callable[[Any], T]) -> Callable[[Any], Iterable[T]]:
    """Make the reader of a listing whose replies are one item each."""
    return lambda reply: (read(reply),)


def file_absent(commit: Commit, path: str) -> Callable[[], Exception] | None:
    """Make the error for an empty listing: only the root can be empty, or of 1.x what has a header without pieces."""
    if path == "/":
        return None
    return lambda: FileNotFound(f"{path} not found in {commit}", reference=f"{commit}:{path}")


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


def read_bytes(reply: BytesValue) -> bytes:
    """Read a part of a file."""
    return reply.value
