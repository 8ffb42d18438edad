"""Branches: what dialects have in common of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TypeAlias

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.branch_rules import (
    refuse_circle,
    refuse_deletion,
    refuse_provenance,
    refuse_trigger,
)
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, once
from airflow_provider_pachyderm.client._errors import NotFound
from airflow_provider_pachyderm.client._models import Branch, BranchInfo, Commit, Repo, Trigger

_Infos: TypeAlias = "list[BranchInfo]"


class Branches(ABC):
    """The calls of one server version for branches."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    def create(
        self,
        branch: Branch,
        head: Commit | None,
        provenance: Sequence[Branch] = (),
        trigger: Trigger | None = None,
        *,
        alone: bool = True,
    ) -> Plan[None]:
        """Create a branch, or change one, unless only some servers accept that, or do not survive it.

        :param alone: there is no transaction, which may hold what is missing yet.
        """
        call = self._create(branch, head, provenance, trigger)
        for source in provenance:
            refuse_circle(self.capabilities, branch, source, (yield from self.list_if_any(source.repo)))
        if trigger is not None:
            infos = yield from self.list_if_any(branch.repo)
            refuse_trigger(self.capabilities, branch, trigger, infos, alone=alone)
        elif provenance and Feature.TRIGGERS in self.capabilities:
            refuse_provenance(branch, (yield from self.list_if_any(branch.repo)))
        yield call

    def set_back(
        self, branch: Branch, head: Commit | None, provenance: Sequence[Branch] = (), trigger: Trigger | None = None
    ) -> Plan[None]:
        """Make a branch what it was before, which needs no check."""
        return once(self._create(branch, head, provenance, trigger))

    @abstractmethod
    def _create(
        self, branch: Branch, head: Commit | None, provenance: Sequence[Branch], trigger: Trigger | None
    ) -> Call[None]: ...

    @abstractmethod
    def inspect(self, branch: Branch) -> Plan[BranchInfo]: ...

    @abstractmethod
    def list(self, repo: Repo) -> Listing[BranchInfo]:
        """List the branches of a repo, the newest first."""

    def list_if_any(self, repo: Repo) -> Plan[_Infos]:
        """List the branches of a repo that may be missing, the newest first."""
        try:
            return (yield from self.list(repo).all())
        except NotFound:
            return []

    @abstractmethod
    def remove(self, branch: Branch, *, force: bool) -> Plan[None]:
        """DeleteBranch itself; see :meth:`delete`."""

    def delete(self, branch: Branch, *, force: bool, alone: bool = True) -> Plan[None]:
        """Delete a branch, unless it is gone.

        :param alone: there is no transaction, which may delete those that follow it first.
        """
        if Feature.TRIGGERS in self.capabilities:
            infos = yield from self.list_if_any(branch.repo)
            if alone or force:
                refuse_deletion(branch, infos)
            if Feature.DELETE_TRIGGERED not in self.capabilities:
                # these servers want force for its own trigger; it has to harm nobody
                itself = next((info for info in infos if info.branch.name == branch.name), None)
                force = force or (itself is not None and itself.trigger is not None and not itself.subvenance)
        try:
            yield from self.remove(branch, force=force)
        except NotFound:
            return
