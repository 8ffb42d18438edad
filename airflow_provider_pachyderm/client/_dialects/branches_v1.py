"""Branches of 1.x: ``pfs.API``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import replies_v1 as read
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._errors import BranchNotFound
from airflow_provider_pachyderm.client._models import Branch, BranchInfo, Commit, Repo, Trigger

Pfs = methods.Pfs
# DeleteBranchRequest is a repo and a string before 1.7, which has the form of a Commit.
_DELETE_BY_NAME = Method(Pfs.DeleteBranch.path, pfs_pb2.Commit, Empty, client_streaming=False, server_streaming=False)
_Infos: TypeAlias = "list[BranchInfo]"


class BranchesV1(Branches):
    """What all 1.x servers do alike."""

    def __init__(self, names: NamesV1) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def list(self, repo: Repo) -> Listing[BranchInfo]:
        request = pfs_pb2.ListBranchRequest(repo=self._names.repo(repo))
        listing = Listing(Call(Pfs.ListBranch, request, read.branch_infos, repo))
        if Feature.LIST_OF_NO_REPO in self.capabilities:
            return listing
        return Listing(partial(self._list_of_repo, listing, repo))

    def _list_of_repo(self, listing: Listing[BranchInfo], repo: Repo) -> Plan[_Infos]:
        """List branches where servers find none in a repo that does not exist."""
        request = pfs_pb2.InspectRepoRequest(repo=self._names.repo(repo))
        yield Call(Pfs.InspectRepo, request, read.repo_info, repo)
        return (yield from listing.all())


class BranchesFrom1_7(BranchesV1):
    """Branches of 1.7 to 1.13: they have a head or none, provenance, and triggers."""

    def _create(
        self, branch: Branch, head: Commit | None, provenance: Sequence[Branch], trigger: Trigger | None
    ) -> Call[None]:
        request = pfs_pb2.CreateBranchRequest(
            branch=self._names.branch(branch),
            head=self._names.given(head),
            provenance=map(self._names.branch, provenance),
            trigger=None if trigger is None else self._trigger(trigger),
        )
        return Call(Pfs.CreateBranch, request, nothing, branch)

    def _trigger(self, trigger: Trigger) -> pfs_pb2.Trigger:
        self.capabilities.require(Feature.TRIGGERS)
        if trigger.cron_spec:
            self.capabilities.require(Feature.TRIGGER_CRON)
        return pfs_pb2.Trigger(
            branch=trigger.branch,
            all=trigger.all,
            cron_spec=trigger.rate_limit_spec,
            size=trigger.size,
            commits=trigger.commits,
        )

    def inspect(self, branch: Branch) -> Plan[BranchInfo]:
        request = pfs_pb2.InspectBranchRequest(branch=self._names.branch(branch))
        return once(Call(Pfs.InspectBranch, request, read.branch_info, branch))

    def remove(self, branch: Branch, *, force: bool) -> Plan[None]:
        request = pfs_pb2.DeleteBranchRequest(branch=self._names.branch(branch), force=force)
        return once(Call(Pfs.DeleteBranch, request, nothing, branch))


class BranchesBefore1_7(BranchesV1):
    """Branches of 1.4 to 1.6: nothing but names of commits, which nothing can depend on."""

    def _create(
        self, branch: Branch, head: Commit | None, provenance: Sequence[Branch], trigger: Trigger | None
    ) -> Call[None]:
        if head is None or provenance:
            self.capabilities.require(Feature.BRANCH_OBJECTS)
        if trigger is not None:
            self.capabilities.require(Feature.TRIGGERS)
        request = pfs_pb2.SetBranchRequest(commit=self._names.given(head), branch=branch.name)
        return Call(Pfs.SetBranch, request, nothing, branch)

    def inspect(self, branch: Branch) -> Plan[BranchInfo]:
        request = pfs_pb2.ListBranchRequest(repo=self._names.repo(branch.repo))
        return once(Call(Pfs.ListBranch, request, partial(_find, branch), branch))

    def remove(self, branch: Branch, *, force: bool) -> Plan[None]:
        request = pfs_pb2.Commit(repo=self._names.repo(branch.repo), id=branch.name)
        return once(Call(_DELETE_BY_NAME, request, nothing, branch))


def _find(branch: Branch, reply: pfs_pb2.BranchInfos) -> BranchInfo:
    for info in read.branch_infos(reply):
        if info.branch.name == branch.name:
            return info
    raise BranchNotFound(f"branch {branch} not found", reference=str(branch))
