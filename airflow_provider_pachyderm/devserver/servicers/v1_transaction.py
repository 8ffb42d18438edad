"""``transaction.API`` of 1.9 and later 1.x."""

from __future__ import annotations

from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import methods
from airflow_provider_pachyderm._wire.v1 import transaction_pb2 as tx
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.transactions import TransactionInfo
from airflow_provider_pachyderm.devserver.servicers.base import Context, Servicer
from airflow_provider_pachyderm.devserver.servicers.v1_messages import timestamp
from airflow_provider_pachyderm.devserver.servicers.v1_requests import Requests, requests_of, responses_of


class TransactionV1(Servicer):
    """The calls in the order of the proto file."""

    calls = methods.Transaction

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._requests = Requests(engine)

    async def BatchTransaction(self, request: tx.BatchTransactionRequest, context: Context) -> tx.TransactionInfo:
        """BatchTransaction: all or none of the requests."""
        id = self.engine.transactions.start().id
        try:
            for one in request.requests:
                self._requests.keep(id, one)
            return self._finish(id)
        except BaseException:
            self.engine.transactions.delete(id)
            raise

    async def StartTransaction(self, request: tx.StartTransactionRequest, context: Context) -> tx.Transaction:
        """StartTransaction."""
        return tx.Transaction(id=self.engine.transactions.start().id)

    async def InspectTransaction(self, request: tx.InspectTransactionRequest, context: Context) -> tx.TransactionInfo:
        """InspectTransaction."""
        return _info(self.engine.transactions.inspect(request.transaction.id))

    async def DeleteTransaction(self, request: tx.DeleteTransactionRequest, context: Context) -> Empty:
        """DeleteTransaction."""
        self.engine.transactions.delete(request.transaction.id)
        return Empty()

    async def ListTransaction(self, request: tx.ListTransactionRequest, context: Context) -> tx.TransactionInfos:
        """ListTransaction."""
        return tx.TransactionInfos(transaction_info=[_info(info) for info in self.engine.transactions.list()])

    async def FinishTransaction(self, request: tx.FinishTransactionRequest, context: Context) -> tx.TransactionInfo:
        """FinishTransaction."""
        return self._finish(request.transaction.id)

    async def DeleteAll(self, request: tx.DeleteAllRequest, context: Context) -> Empty:
        """DeleteAll."""
        self.engine.transactions.delete_all()
        return Empty()

    def _finish(self, id: str) -> tx.TransactionInfo:
        info = self.engine.transactions.inspect(id)
        with self.engine.unit():
            self._requests.run_all(requests_of(info), responses_of(info))
            self.engine.transactions.delete(id)
        return _info(info)


def _info(info: TransactionInfo) -> tx.TransactionInfo:
    return tx.TransactionInfo(
        transaction=tx.Transaction(id=info.id),
        requests=requests_of(info),
        responses=responses_of(info),
        started=timestamp(info.started),
    )
