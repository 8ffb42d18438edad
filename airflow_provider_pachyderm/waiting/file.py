"""Whether a file is on a branch: what a file sensor waits for."""

from __future__ import annotations

from dataclasses import dataclass

from airflow_provider_pachyderm.client import CommitInfo
from airflow_provider_pachyderm.waiting.commit import reference
from airflow_provider_pachyderm.waiting.hints import Followed, FollowedBranch


@dataclass(frozen=True)
class FileState:
    """What a look for a file showed.

    :param commit: the newest finished commit of the branch, if the file is in it
    """

    commit: CommitInfo | None = None


@dataclass(frozen=True)
class FileCondition:
    """What a file sensor waits for, as plain values that survive JSON.

    :param repo: repo to watch
    :param branch: branch to watch
    :param path: file or directory that must be there
    :param pattern: instead of ``path``: something that matches must be there
    """

    repo: str
    branch: str
    path: str | None = None
    pattern: str | None = None

    def __str__(self) -> str:
        return f"{self.pattern or self.path} on {self.repo}@{self.branch}"

    @property
    def followed(self) -> Followed:
        """What says when to look."""
        return FollowedBranch(self.repo, self.branch)

    def found(self, state: FileState) -> str | None:
        """Return the commit that the file is in, or None."""
        return reference(self.branch, state.commit) if state.commit else None
