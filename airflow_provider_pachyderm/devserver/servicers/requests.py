"""Requests that can be part of a transaction: run now, or kept until FinishTransaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any, TypeVar

from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v1 import transaction_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import transaction_pb2 as v2
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during, refused
from airflow_provider_pachyderm.devserver.engine.transactions import TransactionInfo
from airflow_provider_pachyderm.devserver.servicers.base import Context
from airflow_provider_pachyderm.devserver.servicers.needs import NOTHING, Needs, check

TRANSACTION = "pach-transaction"
"""Metadata key that makes a call part of a transaction."""

ReplyT = TypeVar("ReplyT", bound=Message)

Response = v1.TransactionResponse | v2.TransactionResponse

Run = Callable[[Any, str], Message | None]
"""Does a request. The text is the id of the commit it starts, for ids that the caller knows already, or empty."""


class MissingMessage(EngineError):
    """A request without one of its inner messages."""

    def __init__(self, text: str) -> None:
        super().__init__("UNKNOWN", text)


def required(request: Message, name: str, text: str | None = None) -> None:
    """Refuse a request without one of its inner messages.

    :param text: what to say, if not that it cannot be nil.
    """
    if not request.HasField(name):
        raise MissingMessage(text or f"{name} cannot be nil")


def transaction_of(context: Context) -> str:
    """The transaction that a call belongs to, or an empty text."""
    for key, value in context.invocation_metadata() or ():
        if key == TRANSACTION:
            return value if isinstance(value, str) else value.decode()
    return ""


class Requests:
    """Runs requests by their name in ``TransactionRequest``; each world defines once what they do.

    :param run: what to do, by that name.
    """

    wire: ModuleType
    """The module of the world's transaction messages."""

    needs: Needs = NOTHING
    """What the requests need of their callers."""

    commit: type[Message]
    """The world's Commit, the only answer that transactions show."""

    def __init__(self, engine: Engine, run: Mapping[str, Run]) -> None:
        self._engine = engine
        self._run = run

    def transacted(self, name: str, request: Message, context: Context, empty: ReplyT) -> ReplyT:
        """Run a request, or try it and keep it for the transaction that the call names.

        :param empty: the answer of requests that have none.
        """
        id = transaction_of(context)
        whole = self.wire.TransactionRequest()
        getattr(whole, name).CopyFrom(request)
        reply = self.keep(id, whole) if id else self._one(whole, "")
        return self.shown(reply) if isinstance(reply, type(empty)) else empty

    def shown(self, reply: ReplyT) -> ReplyT:
        """An answer as the caller gets it, which may be less than what a transaction keeps."""
        return reply

    def keep(self, id: str, request: Message) -> Message | None:
        """Try a request after those that a transaction holds, then keep it there."""
        held = self._engine.transactions.inspect(id)
        with self._engine.unit(set_id=id, dry_run=True):
            replies = self._all([*self.requests_of(held), request], self.responses_of(held))
        answer = self.response_of(replies[-1]).SerializeToString()
        self._engine.transactions.append(id, request.SerializeToString(), answer)
        return replies[-1]

    def finish(self, id: str) -> tuple[TransactionInfo, list[Message]]:
        """Run all that a transaction holds, and end it.

        :returns: the transaction as it was, and the responses to its requests now.
        """
        held = self._engine.transactions.inspect(id)
        with self._engine.unit(set_id=id):
            replies = self._all(self.requests_of(held), self.responses_of(held))
            self._engine.transactions.delete(id)
        return held, [self.response_of(reply) for reply in replies]

    def requests_of(self, info: TransactionInfo) -> list[Message]:
        """The requests that a transaction holds."""
        return [self.wire.TransactionRequest.FromString(request) for request in info.requests]

    def responses_of(self, info: TransactionInfo) -> list[Response]:
        """How they were answered when they were tried."""
        return [self.wire.TransactionResponse.FromString(response) for response in info.responses]

    def response_of(self, reply: Message | None) -> Message:
        """What a transaction shows of an answer: only commits."""
        response: Message = self.wire.TransactionResponse(commit=reply if isinstance(reply, self.commit) else None)
        return response

    def _all(self, requests: list[Message], responses: Iterable[Response]) -> list[Message | None]:
        """Run requests in order; a refusal says which of them it was."""
        ids = [response.commit.id for response in responses]
        ids += [""] * (len(requests) - len(ids))
        replies = []
        for number, (request, id) in enumerate(zip(requests, ids, strict=True), 1):
            with during(f"error running request {number} of {len(requests)}"):
                replies.append(self._one(request, id))
        return replies

    def _one(self, request: Message, id: str) -> Message | None:
        for field, value in request.ListFields():
            if field.name not in self._run:
                break
            check(self._engine, self.needs, field.name, value)
            return self._run[field.name](value, id)
        raise refused("unrecognized transaction request")
