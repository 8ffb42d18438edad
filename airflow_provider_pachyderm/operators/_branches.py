"""Operators for branches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from airflow_provider_pachyderm._compat import AirflowArguments, Unpack
from airflow_provider_pachyderm.client import AlreadyExists, BranchInfo, BranchNotFound, Commit
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import PachydermBranchLink, PachydermCommitLink
from airflow_provider_pachyderm.operators._base import IF_MISSING, PachydermOperator
from airflow_provider_pachyderm.tasks.arguments import check_choice

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import PfsClient


class PachydermCreateBranchOperator(PachydermOperator):
    """Create a branch, or move one to another commit.

    Write to a staging branch, check the result, then move ``master`` to it: readers of ``master`` see everything or
    nothing, and no data are copied.

    Returns the head as ``project/repo@branch=id``, or ``project/repo@branch`` when it has none.

    Pachyderm calls: InspectBranch, CreateBranch.

    :param repo: repo of the branch
    :param branch: name of the branch
    :param head: commit of the same repo to point it at: as another task returns it, an id, or the name of a branch.
        Without it a new branch is empty, and an existing one is not moved
    :param if_exists: ``move`` it to ``head``, ``skip`` (leave it where it is) or ``fail``. A retry of a task that
        created the branch finds it existing
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("repo", "branch", "head", "project", "pachyderm_conn_id")
    operator_extra_links = (PachydermBranchLink(), PachydermCommitLink())

    def __init__(
        self,
        *,
        repo: str,
        branch: str,
        head: str | None = None,
        if_exists: Literal["move", "skip", "fail"] = "move",
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        check_choice("if_exists", if_exists, ("move", "skip", "fail"))
        self.repo = repo
        self.branch = branch
        self.head = head
        self.if_exists = if_exists

    def execute(self, context: Context) -> str:
        """Create or move the branch."""
        with self._client() as client:
            existing = self._existing(client)
            done = "Branch already exists:"
            if existing is None:
                client.create_branch(self.repo, self.branch, self.head or None)
                done = "Created branch"
            elif self.if_exists == "fail":
                raise AlreadyExists(f"Branch {existing.branch} already exists", reference=str(existing.branch))
            elif self.if_exists == "move" and self.head:
                # Sources that are not named again are taken from the branch.
                client.create_branch(self.repo, self.branch, self.head, provenance=existing.provenance)
                done = f"Moved branch from {_head(existing)} to"
            head = _head(client.inspect_branch(self.repo, self.branch))
        self._log_result(f"{done} {head}")
        self._link(context, head)
        return str(head)

    def _existing(self, client: PfsClient) -> BranchInfo | None:
        try:
            return client.inspect_branch(self.repo, self.branch)
        except BranchNotFound:
            return None


class PachydermDeleteBranchOperator(PachydermOperator):
    """Delete a branch; its commits stay. Returns ``project/repo@branch``.

    Pachyderm calls: InspectBranch, DeleteBranch.

    :param repo: repo of the branch
    :param branch: name of the branch
    :param force: delete it even if it is in the provenance of other branches
    :param if_missing: ``skip`` or ``fail``. A retry of a task that deleted the branch finds it missing
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("repo", "branch", "project", "pachyderm_conn_id")

    def __init__(
        self,
        *,
        repo: str,
        branch: str,
        force: bool = False,
        if_missing: Literal["skip", "fail"] = "skip",
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        check_choice("if_missing", if_missing, IF_MISSING)
        self.repo = repo
        self.branch = branch
        self.force = force
        self.if_missing = if_missing

    def execute(self, context: Context) -> str:
        """Delete the branch."""
        with self._client() as client:
            try:
                name = str(client.inspect_branch(self.repo, self.branch).branch)
            except BranchNotFound as error:
                client.inspect_repo(self.repo)  # a 1.x server says the same of a repo that is missing
                self._missing(error, self.if_missing)
                return f"{self.repo}@{self.branch}"
            client.delete_branch(self.repo, self.branch, self.force)
        self._log_result(f"Deleted branch {name}")
        return name


def _head(info: BranchInfo) -> Commit:
    branch = info.branch
    return replace(info.head, branch=branch.name) if info.head else Commit(branch.repo, branch.name)
