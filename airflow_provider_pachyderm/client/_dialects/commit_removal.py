"""Taking commits away: what dialects have in common of dropping, deleting and squashing them."""

from __future__ import annotations

from abc import ABC, abstractmethod

from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Plan, known_branch
from airflow_provider_pachyderm.client._dialects.commits import Commits, check_open
from airflow_provider_pachyderm.client._errors import CommitDeleted, CommitNotFound, NotFound
from airflow_provider_pachyderm.client._models import Branch, Commit, CommitInfo, CommitState


class CommitRemoval(ABC):
    """The calls of one server version that take commits away, or what is in them."""

    def __init__(self, branches: Branches, commits: Commits) -> None:
        self.capabilities = commits.capabilities
        self._branches = branches
        self._commits = commits

    def clear(self, commit: Commit) -> Plan[None]:
        """Forget what was written to an open commit."""
        raise self.capabilities.unsupported(Feature.CLEAR_COMMIT)

    def drop(self, commit: Commit, *, new_branch: bool = False, finished: bool = False) -> Plan[None]:
        """Drop a commit that is open, or that the server has found to be bad.

        :param new_branch: there was no such branch before it was started; 2.x tell that themselves.
        :param finished: also one that was to be finished, however far that has come.
        """
        info = yield from self._commits.existing(commit)
        name = known_branch(commit)
        branch = None if name is None else Branch(commit.repo, name)
        try:
            yield from self._drop(info, branch, finished=finished)
        except CommitNotFound:
            if not (yield from self._is_gone(info.commit)):
                raise
        if branch is not None:
            yield from self._drop_branch(branch, info, new_branch)

    def _drop(self, info: CommitInfo, branch: Branch | None, *, finished: bool) -> Plan[None]:
        if info.state is CommitState.FAILED:
            yield from self._drop_failed(info, branch)
        elif finished and info.state is not CommitState.OPEN:
            yield from self._remove(info)
        else:
            yield from self._drop_open((yield from self._commits.behind_alias(check_open(info))))

    def _is_gone(self, commit: Commit) -> Plan[bool]:
        """Say whether somebody else has taken a commit away meanwhile."""
        try:
            yield from self._commits.existing(commit)
        except (NotFound, CommitDeleted):
            return True
        return False

    @abstractmethod
    def _drop_open(self, info: CommitInfo) -> Plan[None]:
        """Take away an open commit."""

    def _drop_failed(self, info: CommitInfo, branch: Branch | None) -> Plan[None]:
        """Take away a commit that the server has found to be bad.

        :param branch: the one that it was made on, if that is known.
        """
        yield from self._remove(info)

    @abstractmethod
    def _drop_branch(self, branch: Branch, info: CommitInfo, new: bool) -> Plan[None]:
        """Take away what is left of a branch that was made with a commit that is gone now.

        :param new: there was no such branch before.
        """

    def delete(self, commit: Commit) -> Plan[None]:
        """Delete a commit, open or finished, and what the server made from it."""
        info = yield from self._commits.existing(commit)
        try:
            yield from self._remove(info)
        except CommitNotFound:
            if not (yield from self._is_gone(info.commit)):
                raise

    @abstractmethod
    def _remove(self, info: CommitInfo) -> Plan[None]:
        """Take away a commit whether it is open or finished."""

    @abstractmethod
    def squash(self, commit: Commit, *, recursive: bool) -> Plan[None]:
        """Take a commit out of its history; later ones keep its files."""
