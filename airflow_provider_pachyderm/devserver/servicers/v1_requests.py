"""Requests of 1.x that can be part of a transaction: run now, or kept until FinishTransaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as pb
from airflow_provider_pachyderm._wire.v1 import transaction_pb2 as tx
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import during
from airflow_provider_pachyderm.devserver.engine.model import CommitRef
from airflow_provider_pachyderm.devserver.engine.texts import refused
from airflow_provider_pachyderm.devserver.engine.transactions import TransactionInfo
from airflow_provider_pachyderm.devserver.servicers import v1_messages as m
from airflow_provider_pachyderm.devserver.servicers.base import Context

TRANSACTION = "pach-transaction"
"""Metadata key that makes a call part of a transaction."""


def need(message: Message, field: str, text: str | None = None) -> None:
    """Refuse a request that lacks one of its inner messages."""
    if not message.HasField(field):
        raise refused(text or f"{field} cannot be nil")


def commit_of(request: Any, text: str | None = None) -> CommitRef:
    """The commit that a request is about; refused without one."""
    need(request, "commit", text)
    return m.commit_ref(request.commit)


class Requests:
    """Runs requests by their name in ``TransactionRequest``."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._run: dict[str, Callable[[Any, str], pb.Commit | None]] = {
            "create_repo": self._create_repo,
            "delete_repo": self._delete_repo,
            "start_commit": self._start_commit,
            "finish_commit": self._finish_commit,
            "delete_commit": self._delete_commit,
            "create_branch": self._create_branch,
            "delete_branch": self._delete_branch,
            "delete_all": self._delete_all,
        }

    def transacted(self, name: str, request: Message, context: Context) -> pb.Commit:
        """Run a request, or try it and keep it for the transaction that the call names.

        :returns: the commit that it started; empty for all other requests.
        """
        id = dict(context.invocation_metadata() or ()).get(TRANSACTION)
        whole = tx.TransactionRequest()
        getattr(whole, name).CopyFrom(request)
        return (self.keep(str(id), whole) if id else self._run[name](request, "")) or pb.Commit()

    def keep(self, id: str, request: tx.TransactionRequest) -> pb.Commit | None:
        """Try a request after those that a transaction holds, then keep it there."""
        held = self._engine.transactions.inspect(id)
        requests = [*requests_of(held), request]
        with self._engine.unit(dry_run=True):
            commits = self.run_all(requests, responses_of(held))
        answer = tx.TransactionResponse(commit=commits[-1])
        self._engine.transactions.append(id, request.SerializeToString(), answer.SerializeToString())
        return commits[-1]

    def run_all(
        self, requests: list[tx.TransactionRequest], answers: Iterable[tx.TransactionResponse]
    ) -> list[pb.Commit | None]:
        """Run requests in order; a refusal says which of them it was.

        :param answers: what the first of them were answered before: commits keep the ids that callers know.
        """
        ids = [answer.commit.id for answer in answers]
        ids += [""] * (len(requests) - len(ids))
        commits = []
        for number, (request, id) in enumerate(zip(requests, ids, strict=True), 1):
            with during(f"error running request {number} of {len(requests)}"):
                commits.append(self._one(request, id))
        return commits

    def _one(self, request: tx.TransactionRequest, id: str) -> pb.Commit | None:
        for field, value in request.ListFields():
            return self._run[field.name](value, id)
        raise refused("unrecognized transaction request")

    # ---- the requests -------------------------------------------------------------------

    def _create_repo(self, request: pb.CreateRepoRequest, id: str) -> None:
        need(request, "repo")
        self._engine.repos.create(m.repo_key(request.repo), request.description, request.update)

    def _delete_repo(self, request: pb.DeleteRepoRequest, id: str) -> None:
        if not request.all:
            need(request, "repo")
            self._engine.repos.delete(m.repo_key(request.repo), request.force)
            return
        with self._engine.unit():
            for info in self._engine.repos.list():
                self._engine.repos.delete(info.key, request.force)

    def _start_commit(self, request: pb.StartCommitRequest, id: str) -> pb.Commit:
        need(request, "parent")
        need(request.parent, "repo", "parent repo cannot be nil")
        branch = m.branch_key(pb.Branch(repo=request.parent.repo, name=request.branch))
        parent = m.commit_ref(request.parent) if request.parent.id else None
        return m.commit(self._engine.commits.start(branch, parent, request.description, id))

    def _finish_commit(self, request: pb.FinishCommitRequest, id: str) -> None:
        self._engine.commits.finish(commit_of(request), request.description)

    def _delete_commit(self, request: pb.DeleteCommitRequest, id: str) -> None:
        self._engine.removal.delete(commit_of(request))

    def _create_branch(self, request: pb.CreateBranchRequest, id: str) -> None:
        need(request, "branch")
        head = m.commit_ref(request.head) if request.HasField("head") else None
        provenance = [m.branch_key(branch) for branch in request.provenance]
        self._engine.branches.create(m.branch_key(request.branch), head, provenance)

    def _delete_branch(self, request: pb.DeleteBranchRequest, id: str) -> None:
        need(request, "branch")
        self._engine.branches.delete(m.branch_key(request.branch), request.force)

    def _delete_all(self, request: tx.DeleteAllRequest, id: str) -> None:
        self._engine.transactions.delete_all()


def requests_of(info: TransactionInfo) -> list[tx.TransactionRequest]:
    """The requests that a transaction holds."""
    return [tx.TransactionRequest.FromString(request) for request in info.requests]


def responses_of(info: TransactionInfo) -> list[tx.TransactionResponse]:
    """How they were answered."""
    return [tx.TransactionResponse.FromString(response) for response in info.responses]
