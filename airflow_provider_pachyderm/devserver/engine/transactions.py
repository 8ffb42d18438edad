"""Pachyderm transactions: requests kept until they run together. What a request means is the servicer's business."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.store.rows import RequestRow, TransactionRow
from airflow_provider_pachyderm.devserver.engine.transaction_rules import (
    DASHED_TRANSACTIONS,
    TRANSACTION_NOT_FOUND,
    TRANSACTION_TO_DELETE_NOT_FOUND,
)


@dataclass(frozen=True)
class TransactionInfo:
    """A transaction: its requests and the answers to them so far, as opaque bytes."""

    id: str
    started: int
    requests: tuple[bytes, ...]
    responses: tuple[bytes, ...]


class Transactions:
    """Transactions that wait for FinishTransaction."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._store = core.store

    def start(self, id: str = "") -> TransactionInfo:
        """StartTransaction.

        :param id: the id to use; a fresh one by default.
        """
        id = id or self._new_id()
        with self._core.unit():
            self._store.run("INSERT INTO transactions (id, started) VALUES (?, ?)", id, self._core.now())
        return self.inspect(id)

    def _new_id(self) -> str:
        id = self._core.new_id()
        return str(uuid.UUID(id)) if self._core.profile[DASHED_TRANSACTIONS] else id

    def inspect(self, id: str) -> TransactionInfo:
        """InspectTransaction."""
        row = self._store.one(TransactionRow, "SELECT * FROM transactions WHERE id = ?", id)
        if row is None:
            raise self._core.refusal(TRANSACTION_NOT_FOUND, id=id)
        sql = "SELECT * FROM transaction_requests WHERE txn = ? ORDER BY num"
        steps = self._store.all(RequestRow, sql, row.num)
        requests = tuple(step.request for step in steps)
        return TransactionInfo(id, row.started, requests, tuple(step.response for step in steps))

    def list(self) -> list[TransactionInfo]:
        """ListTransaction, oldest first."""
        return [self.inspect(id) for id in self._store.values(str, "SELECT id FROM transactions ORDER BY num")]

    def append(self, id: str, request: bytes, response: bytes) -> None:
        """Keep one more request, which was tried and answered like this."""
        self.inspect(id)
        with self._core.unit():
            self._store.run(
                "INSERT INTO transaction_requests (txn, request, response) "
                "SELECT num, ?, ? FROM transactions WHERE id = ?",
                request, response, id,
            )  # fmt: skip

    def delete(self, id: str) -> None:
        """DeleteTransaction."""
        with self._core.unit():
            if not self._store.exists("SELECT 1 FROM transactions WHERE id = ?", id):
                raise self._core.refusal(TRANSACTION_TO_DELETE_NOT_FOUND, id=id)
            self._store.run("DELETE FROM transactions WHERE id = ?", id)

    def delete_all(self) -> None:
        """Forget all transactions."""
        with self._core.unit():
            self._store.run("DELETE FROM transactions")
