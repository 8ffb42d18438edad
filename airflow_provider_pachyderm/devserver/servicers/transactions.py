"""What ``transaction.API`` of 1.9 and later 1.x and ``transaction_v2.API`` of 2.x have in common."""

# ruff: noqa: D102  (an RPC is documented by what it is named after)

from __future__ import annotations

from collections.abc import Callable, Sequence

from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v1 import transaction_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import transaction_pb2 as v2
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.transactions import TransactionInfo
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer, time_message
from airflow_provider_pachyderm.devserver.servicers.requests import Requests


class TransactionCalls(Servicer):
    """RPCs in the order of the proto file; the messages of the two worlds have the same names."""

    kind: Callable[[Engine], Requests]
    """The world's :class:`Requests`."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._requests: Requests = self.kind(engine)
        self._wire = self._requests.wire

    async def BatchTransaction(
        self, request: v1.BatchTransactionRequest | v2.BatchTransactionRequest, context: Context
    ) -> Message:
        id = self.engine.transactions.start().id
        try:
            for one in request.requests:
                self._requests.keep(id, one)
            return self._finish(id)
        except BaseException:
            self.engine.transactions.delete(id)
            raise

    async def StartTransaction(
        self, request: v1.StartTransactionRequest | v2.StartTransactionRequest, context: Context
    ) -> Message:
        started: Message = self._wire.Transaction(id=self.engine.transactions.start().id)
        return started

    async def InspectTransaction(
        self, request: v1.InspectTransactionRequest | v2.InspectTransactionRequest, context: Context
    ) -> Message:
        return self._info_message(self.engine.transactions.inspect(request.transaction.id))

    async def DeleteTransaction(
        self, request: v1.DeleteTransactionRequest | v2.DeleteTransactionRequest, context: Context
    ) -> Empty:
        self.engine.transactions.delete(request.transaction.id)
        return Empty()

    async def ListTransaction(
        self, request: v1.ListTransactionRequest | v2.ListTransactionRequest, context: Context
    ) -> Message:
        infos = [self._info_message(info) for info in self.engine.transactions.list()]
        listed: Message = self._wire.TransactionInfos(transaction_info=infos)
        return listed

    async def FinishTransaction(
        self, request: v1.FinishTransactionRequest | v2.FinishTransactionRequest, context: Context
    ) -> Message:
        return self._finish(request.transaction.id)

    async def DeleteAll(self, request: v1.DeleteAllRequest | v2.DeleteAllRequest, context: Context) -> Empty:
        self.engine.transactions.delete_all()
        return Empty()

    def _finish(self, id: str) -> Message:
        return self._info_message(*self._requests.finish(id))

    def _info_message(self, info: TransactionInfo, responses: Sequence[Message] | None = None) -> Message:
        """A transaction.

        :param responses: newer ones than it holds.
        """
        message: Message = self._wire.TransactionInfo(
            transaction=self._wire.Transaction(id=info.id),
            requests=self._requests.requests_of(info),
            responses=self._requests.responses_of(info) if responses is None else responses,
            started=time_message(info.started),
        )
        return message
