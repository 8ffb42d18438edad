"""Transactions; 1.x and 2.x have messages of the same names for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, nothing, once, read_time
from airflow_provider_pachyderm.client._models import Commit, TransactionInfo

T = TypeVar("T")

TOGETHER = frozenset(
    (
        *("CreateRepo", "DeleteRepo", "StartCommit", "FinishCommit", "SquashCommitSet", "CreateBranch", "DeleteBranch"),
        *("CreatePipeline", "CreatePipelineV2"),
    )
)
"""The calls that wait for the end of a transaction when they name one. DeleteCommit could, but takes looking first."""


class Transactions:
    """The calls of one world.

    :param capabilities: of the server.
    :param methods: the class of its methods.
    :param wire: the module of its messages.
    :param read_commit: reads a commit of its ``pfs.API``.
    """

    def __init__(
        self, capabilities: Capabilities, methods: Any, wire: Any, read_commit: Callable[[Any], Commit]
    ) -> None:
        self.capabilities = capabilities
        self._methods = methods
        self._wire = wire
        self._read_commit = read_commit

    def start(self) -> Plan[str]:
        return self._once(
            self._methods.StartTransaction, self._wire.StartTransactionRequest(), _id, "a new transaction"
        )

    def inspect(self, id: str) -> Plan[TransactionInfo]:
        request = self._wire.InspectTransactionRequest(transaction=self._wire.Transaction(id=id))
        return self._once(self._methods.InspectTransaction, request, self._info, f"transaction {id}")

    def list(self) -> Plan[Iterable[TransactionInfo]]:
        request = self._wire.ListTransactionRequest()
        return self._once(self._methods.ListTransaction, request, self._infos, "all transactions")

    def finish(self, id: str) -> Plan[TransactionInfo]:
        request = self._wire.FinishTransactionRequest(transaction=self._wire.Transaction(id=id))
        return self._once(self._methods.FinishTransaction, request, self._info, f"transaction {id}")

    def delete(self, id: str) -> Plan[None]:
        request = self._wire.DeleteTransactionRequest(transaction=self._wire.Transaction(id=id))
        return self._once(self._methods.DeleteTransaction, request, nothing, f"transaction {id}")

    def _once(self, method: Any, request: Any, read: Callable[[Any], T], about: str) -> Plan[T]:
        self.capabilities.require(Feature.TRANSACTIONS)
        return once(Call(method, request, read, about))

    def _info(self, info: Any) -> TransactionInfo:
        return TransactionInfo(
            info.transaction.id,
            started=read_time(info, "started"),
            calls=tuple(field.name for request in info.requests for field, _ in request.ListFields()),
            commits=tuple(self._read_commit(reply.commit) for reply in info.responses if reply.HasField("commit")),
        )

    def _infos(self, reply: Any) -> Iterable[TransactionInfo]:
        return map(self._info, reply.transaction_info)


def _id(reply: Any) -> str:
    return str(reply.id)
