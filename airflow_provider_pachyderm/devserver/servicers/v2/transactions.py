"""``transaction_v2.API``."""

from __future__ import annotations

from collections.abc import Sequence

from google.protobuf.message import Message

from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm._wire.v2 import transaction_pb2 as tx
from airflow_provider_pachyderm.devserver.engine.transactions import TransactionInfo
from airflow_provider_pachyderm.devserver.servicers.transactions import TransactionCalls
from airflow_provider_pachyderm.devserver.servicers.v2.needs import TRANSACTION_NEEDS
from airflow_provider_pachyderm.devserver.servicers.v2.requests import RequestsV2


class TransactionV2(TransactionCalls):
    """RPCs of ``transaction_v2.API``; a transaction also tells how many requests it holds."""

    calls = methods.Transaction
    kind = RequestsV2
    needs = TRANSACTION_NEEDS

    def _info_message(self, info: TransactionInfo, responses: Sequence[Message] | None = None) -> Message:
        message = super()._info_message(info, responses)
        assert isinstance(message, tx.TransactionInfo)
        message.version = len(info.requests)
        return message
