"""Which commit of an output branch is to be filled next: one pure rule for tasks and triggers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from airflow_provider_pachyderm.client import Branch, Commit, CommitInfo
from airflow_provider_pachyderm.client._refs import same_repo
from airflow_provider_pachyderm.waiting.commit import is_placeholder
from airflow_provider_pachyderm.waiting.hints import Followed, FollowedInputs

WITHOUT_INPUT = "Without input"
"""Begins the description of a commit that was finished as it was, as nobody had written to its inputs."""


@dataclass(frozen=True)
class WorkState:
    """What a look at an output branch showed.

    :param commit: the oldest open commit of the branch, which the server made; None if there is none
    :param inputs: the commits that it is made from, by the branches of the condition; None where the server made it
        before there was one, as those of 1.x do
    """

    commit: CommitInfo | None = None
    inputs: tuple[CommitInfo | None, ...] = ()

    @property
    def is_ready(self) -> bool:
        """Whether all inputs are finished, well or not."""
        return self.commit is not None and all(info is None or info.state.done for info in self.inputs)

    @property
    def is_empty(self) -> bool:
        """Whether no input has ever been written to: such a commit comes with the branch itself."""
        return all(info is None or _is_unwritten(info) for info in self.inputs)


@dataclass(frozen=True)
class WorkCondition:
    """What a worker of an output branch waits for, as plain values that survive JSON.

    :param repo: the repo of the output branch
    :param branch: the output branch
    :param inputs: the branches that it is made from, as ``repo@branch``
    """

    repo: str
    branch: str
    inputs: tuple[str, ...]

    def __str__(self) -> str:
        return f"an open commit on {self.repo}@{self.branch} whose inputs {', '.join(self.inputs)} are finished"

    @property
    def followed(self) -> Followed:
        """What says when to look."""
        return FollowedInputs(self.inputs)

    def found(self, state: WorkState) -> str | None:
        """Return the commit to fill, or None."""
        return str(state.commit.commit) if state.commit is not None and state.is_ready else None


def commit_of_input(branch: Branch, provenance: Sequence[Commit]) -> Commit | None:
    """Find the commit of an input branch among those that a commit is made from.

    :param provenance: on 1.x also what is further upstream; servers of 1.7 do not tell the branches
    """
    for commit in provenance:
        if same_repo(commit.repo, branch.repo) and commit.branch in (None, branch.name):
            return commit
    return None


def _is_unwritten(info: CommitInfo) -> bool:
    return is_placeholder(info) or info.description.startswith(WITHOUT_INPUT)
