"""Requests of 2.x that can be part of a transaction."""

from __future__ import annotations

from dataclasses import replace

from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm._wire.v2 import pps_pb2 as pps
from airflow_provider_pachyderm._wire.v2 import transaction_pb2 as tx
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.commits.rules import REPLIES_NAME_BRANCH
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during, refused
from airflow_provider_pachyderm.devserver.engine.files.file_sets import FILE_SETS
from airflow_provider_pachyderm.devserver.engine.model import BranchKey
from airflow_provider_pachyderm.devserver.servicers.requests import ReplyT, Requests, Run, required
from airflow_provider_pachyderm.devserver.servicers.v2 import messages, pps_messages
from airflow_provider_pachyderm.devserver.servicers.v2.needs import request_needs
from airflow_provider_pachyderm.devserver.servicers.v2.pps_specs import spec_of
from airflow_provider_pachyderm.devserver.servicers.v2.rules import NO_REPO_GIVEN, STARTING_COMMIT, VALIDATES


class RequestsV2(Requests):
    """Runs requests of 2.x."""

    wire = tx
    commit = pb.Commit

    def __init__(self, engine: Engine) -> None:
        run: dict[str, Run] = {
            "create_repo": self._create_repo,
            "delete_repo": self._delete_repo,
            "start_commit": self._start_commit,
            "finish_commit": self._finish_commit,
            "squash_commit_set": self._squash_commit_set,
            "create_branch": self._create_branch,
            "delete_branch": self._delete_branch,
            "stop_job": self._stop_job,
            "create_pipeline": self._create_pipeline,
            "create_pipeline_v2": self._create_whole_pipeline,
        }
        super().__init__(engine, run)
        self.needs = request_needs(engine.profile)

    def shown(self, reply: ReplyT) -> ReplyT:
        """A commit in an answer goes without its branch, but a transaction keeps it."""
        if isinstance(reply, pb.Commit) and not self._engine.profile[REPLIES_NAME_BRANCH]:
            reply.ClearField("branch")
        return reply

    # ---- the requests -------------------------------------------------------------------

    def _create_repo(self, request: pb.CreateRepoRequest, id: str) -> None:
        required(request, "repo")
        repo = messages.repo_key(request.repo)
        if repo.name == FILE_SETS:
            raise refused(f"{FILE_SETS} is a reserved name")
        self._engine.repos.create(replace(repo, type=repo.type or "user"), request.description, request.update)

    def _delete_repo(self, request: pb.DeleteRepoRequest, id: str) -> Message:
        if not request.HasField("repo"):
            raise self._engine.refusal(NO_REPO_GIVEN)
        deleted = self._engine.repos.delete(messages.repo_key(request.repo), request.force)
        return pb.DeleteRepoResponse(deleted=deleted)

    def _stop_job(self, request: pps.StopJobRequest, id: str) -> None:
        self._engine.jobs.stop(pps_messages.job_key(request.job), request.reason)

    def _create_pipeline(self, request: pps.CreatePipelineRequest, id: str) -> None:
        user = self._engine.auth.user() if self._engine.auth.active else ""
        self._engine.pipelines.create(spec_of(request), request.update, request.reprocess, user=user)

    def _create_whole_pipeline(self, request: pps.CreatePipelineTransaction, id: str) -> None:
        asked = request.create_pipeline_request
        self._engine.pipelines.create(
            spec_of(asked), asked.update, asked.reprocess, request.user_json, request.effective_json, request.created_by
        )

    def _start_commit(self, request: pb.StartCommitRequest, id: str) -> Message:
        with during(self._engine.profile[STARTING_COMMIT]):
            if not request.branch.name:
                raise refused("branch must be specified")
            branch = messages.branch_key(request.branch)
            parent = messages.commit_ref(request.parent) if request.HasField("parent") else None
            key = self._engine.commits.start(branch, parent, request.description)
        message = messages.commit_message(key)
        message.branch.CopyFrom(messages.branch_message(BranchKey(key.repo, branch.name)))
        return message

    def _finish_commit(self, request: pb.FinishCommitRequest, id: str) -> None:
        if not request.HasField("commit"):
            raise refused("check new file commit: commit cannot be nil")
        self._engine.commits.finish(messages.commit_ref(request.commit), request.description, request.error)

    def _squash_commit_set(self, request: pb.SquashCommitSetRequest, id: str) -> None:
        required(request, "commit_set")
        self._engine.removal.squash_set(request.commit_set.id)

    def _create_branch(self, request: pb.CreateBranchRequest, id: str) -> None:
        required(request, "branch")
        head = messages.commit_ref(request.head) if request.HasField("head") else None
        provenance = [messages.branch_key(branch) for branch in request.provenance]
        branch, trigger = messages.branch_key(request.branch), messages.trigger(request)
        self._engine.branches.create(branch, head, provenance, request.new_commit_set, trigger)

    def _delete_branch(self, request: pb.DeleteBranchRequest, id: str) -> None:
        if not request.HasField("branch") and self._engine.profile[VALIDATES]:
            text = "validate request: invalid DeleteBranchRequest.Branch: value is required"
            raise EngineError("INVALID_ARGUMENT", text)
        required(request, "branch")
        self._engine.branches.delete(messages.branch_key(request.branch), request.force)
