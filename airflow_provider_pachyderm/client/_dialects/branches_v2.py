"""Branches of 2.x: ``pfs_v2.API``."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import replies_v2 as read
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once, one
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._models import Branch, BranchInfo, Commit, Repo, Trigger

Pfs = methods.Pfs


class BranchesV2(Branches):
    """The calls of ``pfs_v2.API`` for branches."""

    def __init__(self, names: NamesV2) -> None:
        super().__init__(names.capabilities)
        self._names = names

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
        if trigger.cron_spec:
            self.capabilities.require(Feature.TRIGGER_CRON)
        return pfs_pb2.Trigger(
            branch=trigger.branch,
            all=trigger.all,
            rate_limit_spec=trigger.rate_limit_spec,
            cron_spec=trigger.cron_spec,
            size=trigger.size,
            commits=trigger.commits,
        )

    def inspect(self, branch: Branch) -> Plan[BranchInfo]:
        request = pfs_pb2.InspectBranchRequest(branch=self._names.branch(branch))
        return once(Call(Pfs.InspectBranch, request, read.branch_info, branch))

    def list(self, repo: Repo) -> Listing[BranchInfo]:
        request = pfs_pb2.ListBranchRequest(repo=self._names.repo(repo))
        return Listing(Call(Pfs.ListBranch, request, one(read.branch_info), repo))

    def remove(self, branch: Branch, *, force: bool) -> Plan[None]:
        request = pfs_pb2.DeleteBranchRequest(branch=self._names.branch(branch), force=force)
        return once(Call(Pfs.DeleteBranch, request, nothing, branch))
