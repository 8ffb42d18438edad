"""Requests of 1.x that can be part of a transaction."""

from __future__ import annotations

from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as pb
from airflow_provider_pachyderm._wire.v1 import pps_pb2 as pps
from airflow_provider_pachyderm._wire.v1 import transaction_pb2 as tx
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.model import BranchKey, CommitRef
from airflow_provider_pachyderm.devserver.servicers.needs import check
from airflow_provider_pachyderm.devserver.servicers.requests import Requests, Run, required
from airflow_provider_pachyderm.devserver.servicers.v1 import messages
from airflow_provider_pachyderm.devserver.servicers.v1.needs import REQUEST_NEEDS
from airflow_provider_pachyderm.devserver.servicers.v1.pps_messages import spec_of

CommitRequest = (
    pb.InspectCommitRequest | pb.FinishCommitRequest | pb.DeleteCommitRequest | pb.GlobFileRequest | pb.SetBranchRequest
)
"""Requests about one commit."""


def commit_of(request: CommitRequest, text: str | None = None) -> CommitRef:
    """The commit that a request is about; refused without one."""
    required(request, "commit", text)
    return messages.commit_ref(request.commit)


class RequestsV1(Requests):
    """Runs requests of 1.x."""

    wire = tx
    needs = REQUEST_NEEDS
    commit = pb.Commit

    def __init__(self, engine: Engine) -> None:
        run: dict[str, Run] = {
            "create_repo": self._create_repo,
            "delete_repo": self._delete_repo,
            "start_commit": self._start_commit,
            "finish_commit": self._finish_commit,
            "delete_commit": self._delete_commit,
            "create_branch": self._create_branch,
            "delete_branch": self._delete_branch,
            "delete_all": self._delete_all,
            "create_pipeline": self._create_pipeline,
        }
        super().__init__(engine, run)

    # ---- the requests -------------------------------------------------------------------

    def _create_repo(self, request: pb.CreateRepoRequest, id: str) -> None:
        required(request, "repo")
        provenance = [messages.repo_key(repo) for repo in request.provenance]
        self._engine.repos.create(messages.repo_key(request.repo), request.description, request.update, provenance)

    def _delete_repo(self, request: pb.DeleteRepoRequest, id: str) -> None:
        if not request.all:
            required(request, "repo")
            self._engine.repos.delete(messages.repo_key(request.repo), request.force)
            return
        self._engine.repos.delete_all()

    def _create_pipeline(self, request: pps.CreatePipelineRequest, id: str) -> None:
        self._engine.pipelines.create(spec_of(request), request.update, request.reprocess)

    def _start_commit(self, request: pb.StartCommitRequest, id: str) -> pb.Commit:
        required(request, "parent")
        required(request.parent, "repo", "parent repo cannot be nil")
        branch = messages.branch_key(pb.Branch(repo=request.parent.repo, name=request.branch))
        parent = messages.commit_ref(request.parent) if request.parent.id else None
        # a version reads only one of these fields
        given = [messages.commit_ref(commit) for commit in request.commit_provenance]
        given += [messages.provenance_ref(each) for each in request.provenance]
        return messages.commit(self._engine.commits.start(branch, parent, request.description, id, given))

    def _finish_commit(self, request: pb.FinishCommitRequest, id: str) -> None:
        self._engine.commits.finish(commit_of(request), request.description, empty=request.empty)

    def _delete_commit(self, request: pb.DeleteCommitRequest, id: str) -> None:
        self._engine.removal.delete(commit_of(request))

    def _create_branch(self, request: pb.CreateBranchRequest, id: str) -> None:
        required(request, "branch")
        head = messages.commit_ref(request.head) if request.HasField("head") else None
        provenance = [messages.branch_key(branch) for branch in request.provenance]
        trigger = messages.trigger(request.trigger) if request.HasField("trigger") else None
        self._engine.branches.create(messages.branch_key(request.branch), head, provenance, trigger=trigger)

    def delete_branch_by_name(self, request: pb.Commit) -> None:
        """DeleteBranch up to 1.6: its request has the form of a Commit."""
        required(request, "repo")
        check(self._engine, self.needs, "delete_branch_by_name", request)
        self._engine.branches.delete(BranchKey(messages.repo_key(request.repo), request.id))

    def _delete_branch(self, request: pb.DeleteBranchRequest, id: str) -> None:
        required(request, "branch")
        self._engine.branches.delete(messages.branch_key(request.branch), request.force)

    def _delete_all(self, request: tx.DeleteAllRequest, id: str) -> None:
        self._engine.transactions.delete_all()
