"""Whether all that is made from a commit is done: one rule, and two ways to apply it, for a task and for triggers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client import CommitInfo, CommitState, DeadlineExceeded
from airflow_provider_pachyderm.tasks.refused import failure
from airflow_provider_pachyderm.waiting.hints import Followed

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import AsyncPfsClient, PfsClient
    from airflow_provider_pachyderm.waiting.shared_client import Line

# Servers can only be asked to wait for what is made from a commit; this many seconds is asking how it stands.
_GLANCE = 1.0


@dataclass(frozen=True)
class SeenSet:
    """What a look showed.

    :param done: the commits, if each of them is finished
    """

    done: tuple[CommitInfo, ...] = ()
    newest: None = None


@dataclass(frozen=True)
class AwaitedSet:
    """What a commit set sensor waits for, as plain values that survive JSON.

    :param commit: this commit and all that is made from it must be finished
    :param commit_set: instead: id of the set, all of whose commits must be finished (2.x)
    """

    commit: str | None = None
    commit_set: str | None = None

    def __str__(self) -> str:
        return f"{self.commit} and all that is made from it" if self.commit else f"commit set {self.commit_set}"

    @property
    def followed(self) -> Followed:
        """What says when to look."""
        return Followed(made_from=self.commit, commit_set=self.commit_set)

    def found(self, seen: SeenSet) -> list[str] | None:
        """Return the commits, each once, or None if they are not done."""
        return [str(info.commit) for info in seen.done] or None


def look_for_set(client: PfsClient, awaited: AwaitedSet) -> SeenSet:
    """Ask the server once, from a task.

    :raises CommitFailed: one of the commits finished with an error
    :raises NotFound: there is no such commit or set
    :raises Unsupported: the server knows no sets
    """
    if awaited.commit_set:
        return _done(client.inspect_commit_set(awaited.commit_set))
    commit = str(awaited.commit)
    try:
        made = client.flush_commit(commit, timeout=_GLANCE)
    except DeadlineExceeded:
        return SeenSet()
    return _done([client.inspect_commit(commit), *made])


async def look_for_set_async(line: Line, wanted: Collection[AwaitedSet]) -> dict[AwaitedSet, SeenSet]:
    """Do the same in an event loop, for all triggers that await the same."""
    async with line.turn:
        return dict.fromkeys(wanted, await _look_async(line.client, next(iter(wanted))))


async def _look_async(client: AsyncPfsClient, awaited: AwaitedSet) -> SeenSet:
    if awaited.commit_set:
        return _done(await client.inspect_commit_set(awaited.commit_set))
    commit = str(awaited.commit)
    try:
        made = await client.flush_commit(commit, timeout=_GLANCE)
    except DeadlineExceeded:
        return SeenSet()
    return _done([await client.inspect_commit(commit), *made])


def _done(infos: Iterable[CommitInfo]) -> SeenSet:
    infos = tuple(infos)
    for info in infos:
        if info.state is CommitState.FAILED:
            raise failure(info)
    return SeenSet(infos if all(info.state is CommitState.FINISHED for info in infos) else ())
