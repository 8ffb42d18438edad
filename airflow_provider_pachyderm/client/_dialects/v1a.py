"""Pachyderm 1.4 to 1.6: a branch is nothing but the name of a commit, and set by SetBranch.

What these servers do not know is left out of the messages, as they would take it for something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from airflow_provider_pachyderm._wire.v1 import methods
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan
from airflow_provider_pachyderm.client._dialects.chosen import Chosen
from airflow_provider_pachyderm.client._dialects.v1_replies import commit_infos
from airflow_provider_pachyderm.client._dialects.v1b import DialectV1B
from airflow_provider_pachyderm.client._models import (
    Branch,
    Commit,
    CommitInfo,
    CommitState,
    FileInfo,
    FilePair,
    Repo,
)
from airflow_provider_pachyderm.client._refs import is_expression, same_repo

Pfs = methods.Pfs
_MORE_THAN_FNMATCH = re.compile(r"\{|\*\*|\[!")


class DialectV1A(DialectV1B):
    """``pfs.API`` before 1.7."""

    # commits

    def begin_commit(
        self, branch: Branch, parent: Commit | None, description: str | None, provenance: Sequence[Commit] = ()
    ) -> Call[Commit]:
        return super().begin_commit(branch, parent, self._kept(description), provenance)

    def close_commit(self, commit: Commit, description: str | None, error: str | None) -> Call[None]:
        return super().close_commit(commit, self._kept(description), error)

    def _kept(self, description: str | None) -> str | None:
        return description if Feature.COMMIT_DESCRIPTION in self.capabilities else None

    def commits(
        self, repo: Repo, to: Commit | None, from_: Commit | None, number: int, chosen: Chosen
    ) -> Listing[CommitInfo]:
        listing = super().commits(repo, to, from_, number, chosen)
        if Feature.STREAM_COMMITS in self.capabilities:
            return listing
        stream: Any = listing.source
        return Listing(replace(stream, method=Pfs.ListCommit, read=commit_infos(to)))

    def on_new_branch(self, branch: Branch) -> Plan[bool]:
        # a branch goes with its only commit
        yield from ()
        return False

    def drop_commit(self, commit: Commit, *, new_branch: bool = False, finished: bool = False) -> Plan[None]:
        if Feature.DROP_COMMIT not in self.capabilities and (not commit.branch or is_expression(commit.branch)):
            # without its branch there is nothing that could be done
            self.capabilities.require(Feature.DROP_COMMIT)
        yield from super().drop_commit(commit, new_branch=new_branch, finished=finished)

    def drop_open(self, info: CommitInfo) -> Plan[None]:
        if Feature.DROP_COMMIT in self.capabilities:
            yield from super().drop_open(info)

    def drop_branch(self, branch: Branch, info: CommitInfo, new: bool) -> Plan[None]:
        if Feature.DROP_COMMIT not in self.capabilities:
            if info.parent:
                yield from self.branches.set_back(branch, info.parent)
            else:
                yield from self.branches.remove(branch, force=False)

    def downstream(self, commits: Sequence[Commit], repos: Sequence[Repo]) -> Plan[list[CommitInfo]]:
        """Wait for what is made; these servers tell of it while it is open, and wait for ever for what cannot come."""
        made: list[Repo] = []
        for repo in repos:
            inputs = yield from self.repos.inputs(repo)
            if all(any(same_repo(commit.repo, each) for each in inputs) for commit in commits):
                made.append(repo)
        if repos and not made:
            return []
        infos = yield from super().downstream(commits, made)
        for number, info in enumerate(infos):
            infos[number] = yield self.inspect_commit(info.commit, CommitState.FINISHED)
        return infos

    # files

    def glob_file(self, commit: Commit, pattern: str) -> Listing[FileInfo]:
        if _MORE_THAN_FNMATCH.search(pattern):
            self.capabilities.require(Feature.GLOB_BRACES)
        return super().glob_file(commit, pattern)

    def diff_file(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        if shallow:
            self.capabilities.require(Feature.DIFF_SHALLOW)
        return super().diff_file(new, new_path, old, old_path, shallow=shallow)
