"""Whether all that is made from a commit is finished: what a commit set sensor waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airflow_provider_pachyderm.client import CommitInfo, CommitState
from airflow_provider_pachyderm.tasks.finished import failure
from airflow_provider_pachyderm.waiting.hints import Followed, FollowedCommitSet, FollowedDownstream


@dataclass(frozen=True)
class CommitSetState:
    """What a look at a commit set showed.

    :param done: the commits, if each of them is finished
    """

    done: tuple[CommitInfo, ...] = ()

    @classmethod
    def of(cls, infos: Sequence[CommitInfo]) -> CommitSetState:
        """Judge the commits of a set.

        :raises CommitFailed: one of them finished with an error
        """
        for info in infos:
            if info.state is CommitState.FAILED:
                raise failure(info)
        return cls(tuple(infos) if all(info.state is CommitState.FINISHED for info in infos) else ())


@dataclass(frozen=True)
class CommitSetCondition:
    """What a commit set sensor waits for, as plain values that survive JSON.

    :param commit: this commit and all that is made from it must be finished
    :param commit_set: instead: id of the set, all of whose commits must be finished (2.x)
    """

    commit: str | None = None
    commit_set: str | None = None

    def __str__(self) -> str:
        return f"{self.commit} and all commits downstream of it" if self.commit else f"commit set {self.commit_set}"

    @property
    def followed(self) -> Followed:
        """What says when to look."""
        if self.commit_set:
            return FollowedCommitSet(self.commit_set)
        return FollowedDownstream(str(self.commit))

    def found(self, state: CommitSetState) -> list[str] | None:
        """Return the commits, each once, or None if they are not done."""
        return [str(info.commit) for info in state.done] or None
