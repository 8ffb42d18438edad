"""transaction_v2.API."""

# ruff: noqa: D102  (an RPC is documented by what it is named after)

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm._wire.v2 import transaction_pb2 as tx
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.transactions import TransactionInfo
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer
from airflow_provider_pachyderm.devserver.servicers.v2_convert import time_message
from airflow_provider_pachyderm.devserver.servicers.v2_requests import Requests, response_of


class TransactionV2(Servicer):
    """transaction_v2.API; RPCs in the order of the proto file."""

    calls = methods.Transaction

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._requests = Requests(engine)

    async def BatchTransaction(self, request: tx.BatchTransactionRequest, context: Context) -> tx.TransactionInfo:
        started = self.engine.transactions.start()
        try:
            for one in request.requests:
                for field, value in one.ListFields():
                    self._requests.keep(started.id, field.name, value)
            return self._finish(started.id)
        except BaseException:
            self.engine.transactions.delete(started.id)
            raise

    async def StartTransaction(self, request: tx.StartTransactionRequest, context: Context) -> tx.Transaction:
        return tx.Transaction(id=self.engine.transactions.start().id)

    async def InspectTransaction(self, request: tx.InspectTransactionRequest, context: Context) -> tx.TransactionInfo:
        return _info(self.engine.transactions.inspect(request.transaction.id))

    async def DeleteTransaction(self, request: tx.DeleteTransactionRequest, context: Context) -> Empty:
        self.engine.transactions.delete(request.transaction.id)
        return Empty()

    async def ListTransaction(self, request: tx.ListTransactionRequest, context: Context) -> tx.TransactionInfos:
        return tx.TransactionInfos(transaction_info=map(_info, self.engine.transactions.list()))

    async def FinishTransaction(self, request: tx.FinishTransactionRequest, context: Context) -> tx.TransactionInfo:
        return self._finish(request.transaction.id)

    async def DeleteAll(self, request: tx.DeleteAllRequest, context: Context) -> Empty:
        self.engine.transactions.delete_all()
        return Empty()

    def _finish(self, id: str) -> tx.TransactionInfo:
        info = _info(self.engine.transactions.inspect(id))
        with self.engine.unit(set_id=id):
            replies = self._requests.run_all(list(info.requests))
            self.engine.transactions.delete(id)
        del info.responses[:]
        info.responses.extend(map(response_of, replies))
        return info


def _info(info: TransactionInfo) -> tx.TransactionInfo:
    return tx.TransactionInfo(
        transaction=tx.Transaction(id=info.id),
        requests=map(tx.TransactionRequest.FromString, info.requests),
        responses=map(tx.TransactionResponse.FromString, info.responses),
        started=time_message(info.started),
        version=len(info.requests),
    )
