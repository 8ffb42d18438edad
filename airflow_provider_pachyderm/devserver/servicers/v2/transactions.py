"""``transaction_v2.API``."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v1 import transaction_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm._wire.v2 import transaction_pb2 as tx
from airflow_provider_pachyderm.devserver.engine.transactions import TransactionInfo
from airflow_provider_pachyderm.devserver.servicers.base import Context
from airflow_provider_pachyderm.devserver.servicers.transactions import TransactionCalls
from airflow_provider_pachyderm.devserver.servicers.v2.needs import TRANSACTION_NEEDS
from airflow_provider_pachyderm.devserver.servicers.v2.requests import RequestsV2


class TransactionV2(TransactionCalls):
    """RPCs of ``transaction_v2.API``; a transaction also tells how many requests it holds."""

    calls = methods.Transaction
    kind = RequestsV2
    needs = TRANSACTION_NEEDS

    async def BatchTransaction(
        self, request: v1.BatchTransactionRequest | tx.BatchTransactionRequest, context: Context
    ) -> Message:
        """Unlike one that is begun and finished, a batch does not tell how many requests it held."""
        message = await super().BatchTransaction(request, context)
        message.ClearField("version")
        return message

    def _info_message(self, info: TransactionInfo, responses: Sequence[Message] | None = None) -> Message:
        message = super()._info_message(info, responses)
        assert isinstance(message, tx.TransactionInfo)
        message.version = len(info.requests)
        return message
