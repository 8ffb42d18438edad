"""Finding the commits in which a file was changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import replies_v2 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._errors import CommitNotFinished
from airflow_provider_pachyderm.client._models import Commit, FilePair

Changes: TypeAlias = "Callable[[Commit, str], Listing[FilePair]]"
"""Lists what a commit changed at a path, against its parent."""


class CommitSearch:
    """Compares each commit with its parent, for servers that do not search themselves."""

    def __init__(self, commits: Commits, changes: Changes) -> None:
        self._commits = commits
        self._changes = changes

    def find(self, start: Commit, path: str, limit: int) -> Listing[Commit]:
        """Find commits, from ``start`` on backwards."""
        return Listing(partial(self._search, start, path, limit))

    def _search(self, start: Commit, path: str, limit: int) -> Plan[list[Commit]]:
        info = yield from self._commits.inspect(start)
        if not info.state.done:
            raise CommitNotFinished(f"commit {info.commit} is not finished", reference=str(info.commit))
        found: list[Commit] = []
        for each in (yield from self._commits.list(start.repo, info.commit, None, 0).all()):
            if (yield from self._changes(each.commit, path).all()):
                found.append(each.commit)
            if limit and len(found) == limit:
                break
        return found


class CommitSearchV2(CommitSearch):
    """FindCommits of ``pfs_v2.API``, from 2.6 on."""

    def __init__(self, names: NamesV2, commits: Commits, changes: Changes) -> None:
        super().__init__(commits, changes)
        self._names = names

    def find(self, start: Commit, path: str, limit: int) -> Listing[Commit]:
        if Feature.FIND_COMMITS not in self._names.capabilities:
            return super().find(start, path, limit)
        request = pfs_pb2.FindCommitsRequest(start=self._names.commit(start), file_path=path, limit=limit)
        call = Call(methods.Pfs.FindCommits, request, read.found_commits, f"{start}:{path}", waits=True)
        return Listing(call)
