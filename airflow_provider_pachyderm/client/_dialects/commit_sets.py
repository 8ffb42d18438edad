"""Commit sets, which only 2.x servers have: commits of one id, made in one step or downstream of each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects import replies_v2 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, one
from airflow_provider_pachyderm.client._dialects.commits import good
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._errors import CommitNotFound
from airflow_provider_pachyderm.client._models import CommitInfo, CommitSetInfo

Pfs = methods.Pfs
_Infos: TypeAlias = "list[CommitInfo]"


class CommitSets:
    """The calls for commit sets, of which 1.x servers have none."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    def list(self, project: str | None) -> Listing[CommitSetInfo]:
        raise self.capabilities.unsupported(Feature.COMMIT_SETS)

    def inspect(self, id: str, *, wait: bool) -> Listing[CommitInfo]:
        raise self.capabilities.unsupported(Feature.COMMIT_SETS)

    def wait(self, id: str) -> Plan[_Infos]:
        """Wait for the end of all commits of a set, which must be good ones."""
        infos = yield from self.inspect(id, wait=True).all()
        return [good(info) for info in infos]

    def squash(self, id: str) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.COMMIT_SETS)

    def drop(self, id: str) -> Plan[None]:
        raise self.capabilities.unsupported(Feature.COMMIT_SETS)


class CommitSetsV2(CommitSets):
    """The calls of ``pfs_v2.API`` for commit sets."""

    def __init__(self, names: NamesV2) -> None:
        super().__init__(names.capabilities)
        self._names = names

    def list(self, project: str | None) -> Listing[CommitSetInfo]:
        named = None if project is None else self._names.project(project)
        request = pfs_pb2.ListCommitSetRequest(project=named)
        return Listing(Call(Pfs.ListCommitSet, request, one(read.commit_set), "all commit sets"))

    def inspect(self, id: str, *, wait: bool) -> Listing[CommitInfo]:
        request = pfs_pb2.InspectCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=id), wait=wait)
        reader = read.CommitInfoReader()

        def members(info: pfs_pb2.CommitInfo) -> Iterable[CommitInfo]:
            # 2.6 and later also send the inputs of the set's commits, which have other ids
            return (reader(info),) if info.commit.id == id else ()

        return Listing(Call(Pfs.InspectCommitSet, request, members, f"commit set {id}", waits=wait))

    def squash(self, id: str) -> Plan[None]:
        request = pfs_pb2.SquashCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=id))
        return self._unless_gone(Call(Pfs.SquashCommitSet, request, nothing, f"commit set {id}"))

    def drop(self, id: str) -> Plan[None]:
        request = pfs_pb2.DropCommitSetRequest(commit_set=pfs_pb2.CommitSet(id=id))
        return self._unless_gone(Call(Pfs.DropCommitSet, request, nothing, f"commit set {id}"))

    def _unless_gone(self, call: Call[None]) -> Plan[None]:
        try:
            yield call
        except CommitNotFound:
            if Feature.MISSING_SET_IS_GONE in self.capabilities:
                raise
