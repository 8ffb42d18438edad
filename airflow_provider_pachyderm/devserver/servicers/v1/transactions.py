"""``transaction.API`` of 1.9 and later 1.x."""

from __future__ import annotations

from airflow_provider_pachyderm._wire.v1 import methods
from airflow_provider_pachyderm.devserver.servicers.transactions import TransactionCalls
from airflow_provider_pachyderm.devserver.servicers.v1.requests import RequestsV1


class TransactionV1(TransactionCalls):
    """RPCs of ``transaction.API``."""

    calls = methods.Transaction
    kind = RequestsV1
