"""Requests of pfs_v2 that can be part of a transaction: run now, or kept until FinishTransaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm._wire.v2 import transaction_pb2 as tx
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during
from airflow_provider_pachyderm.devserver.engine.model import BranchKey
from airflow_provider_pachyderm.devserver.engine.texts import refused
from airflow_provider_pachyderm.devserver.servicers import v2_convert as convert
from airflow_provider_pachyderm.devserver.servicers.base import Context

TRANSACTION = "pach-transaction"
"""Metadata key that makes a call part of a transaction."""

ReplyT = TypeVar("ReplyT", bound=Message)


def required(request: Any, name: str) -> None:
    """Refuse a request without one of its inner messages."""
    if not request.HasField(name):
        raise refused(f"{name} cannot be nil")


def transaction_of(context: Context) -> str:
    """The transaction that a call belongs to, or an empty text."""
    for key, value in context.invocation_metadata() or ():
        if key == TRANSACTION:
            return value if isinstance(value, str) else value.decode()
    return ""


class Requests:
    """Runs requests by their name in ``TransactionRequest``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._run: dict[str, Callable[[Any], Message | None]] = {
            "create_repo": self._create_repo,
            "delete_repo": self._delete_repo,
            "start_commit": self._start_commit,
            "finish_commit": self._finish_commit,
            "squash_commit_set": self._squash_commit_set,
            "create_branch": self._create_branch,
            "delete_branch": self._delete_branch,
        }

    async def transacted(self, name: str, request: Message, context: Context, empty: ReplyT) -> ReplyT:
        """Run a request, or try it and keep it for the transaction that the call names.

        :param empty: the answer of requests that have none.
        """
        id = transaction_of(context)
        reply = self.keep(id, name, request) if id else self._run[name](request)
        # a commit in an answer goes without its branch, but a transaction keeps it
        if isinstance(reply, pb.Commit):
            reply.ClearField("branch")
        if isinstance(reply, type(empty)):
            return reply
        return empty

    def keep(self, id: str, name: str, request: Message) -> Message | None:
        """Try a request after those that a transaction holds, then keep it there."""
        held = self._engine.transactions.inspect(id)
        whole = tx.TransactionRequest()
        getattr(whole, name).CopyFrom(request)
        requests = [*map(tx.TransactionRequest.FromString, held.requests), whole]
        with self._engine.unit(set_id=id, dry_run=True):
            replies = self.run_all(requests)
        self._engine.transactions.append(id, whole.SerializeToString(), response_of(replies[-1]).SerializeToString())
        return replies[-1]

    def run_all(self, requests: list[tx.TransactionRequest]) -> list[Message | None]:
        """Run requests in order; a refusal says which of them it was."""
        replies = []
        for number, request in enumerate(requests, 1):
            with during(f"error running request {number} of {len(requests)}"):
                replies.append(self._one(request))
        return replies

    def _one(self, request: tx.TransactionRequest) -> Message | None:
        for field, value in request.ListFields():
            return self._run[field.name](value)
        raise refused("unrecognized transaction request")

    # ---- the requests -------------------------------------------------------------------

    def _create_repo(self, request: pb.CreateRepoRequest) -> None:
        required(request, "repo")
        repo = convert.repo_key(request.repo)
        self._engine.repos.create(replace(repo, type=repo.type or "user"), request.description, request.update)

    def _delete_repo(self, request: pb.DeleteRepoRequest) -> Message:
        if not request.HasField("repo"):
            raise EngineError("INVALID_ARGUMENT", "no repo specified")
        deleted = self._engine.repos.delete(convert.repo_key(request.repo), request.force)
        return pb.DeleteRepoResponse(deleted=deleted)

    def _start_commit(self, request: pb.StartCommitRequest) -> Message:
        with during(self._engine.profile.context.get("start commit", "")):
            if not request.branch.name:
                raise refused("branch must be specified")
            branch = convert.branch_key(request.branch)
            parent = convert.commit_ref(request.parent) if request.HasField("parent") else None
            key = self._engine.commits.start(branch, parent, request.description)
        message = convert.commit_message(key)
        message.branch.CopyFrom(convert.branch_message(BranchKey(key.repo, branch.name)))
        return message

    def _finish_commit(self, request: pb.FinishCommitRequest) -> None:
        if not request.HasField("commit"):
            raise refused("check new file commit: commit cannot be nil")
        self._engine.commits.finish(convert.commit_ref(request.commit), request.description, request.error)

    def _squash_commit_set(self, request: pb.SquashCommitSetRequest) -> None:
        required(request, "commit_set")
        self._engine.removal.squash_set(request.commit_set.id)

    def _create_branch(self, request: pb.CreateBranchRequest) -> None:
        required(request, "branch")
        head = convert.commit_ref(request.head) if request.HasField("head") else None
        provenance = [convert.branch_key(branch) for branch in request.provenance]
        self._engine.branches.create(convert.branch_key(request.branch), head, provenance)

    def _delete_branch(self, request: pb.DeleteBranchRequest) -> None:
        if not request.HasField("branch"):
            text = "validate request: invalid DeleteBranchRequest.Branch: value is required"
            raise EngineError("INVALID_ARGUMENT", text)
        self._engine.branches.delete(convert.branch_key(request.branch), request.force)


def response_of(reply: Message | None) -> tx.TransactionResponse:
    """What a transaction shows of an answer: only commits."""
    return tx.TransactionResponse(commit=reply if isinstance(reply, pb.Commit) else None)
