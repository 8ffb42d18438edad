"""Transactions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_empty, undo
from airflow_provider_pachyderm.client._models import TransactionInfo
from airflow_provider_pachyderm.client._tables import InfoList


class AsyncTransactionCalls(AsyncCalls):
    """The client's calls for transactions; servers have them from 1.9 on, and older ones raise :class:`Unsupported`."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[str]:
        """Make all calls in the body of the ``with`` in one step at its end, or none if the body raises.

        In it, these calls are tried at once, so that errors are raised there, and are kept:
        :meth:`.PfsClient.create_repo`, :meth:`~.PfsClient.delete_repo`, :meth:`~.PfsClient.create_branch`,
        :meth:`~.PfsClient.set_branch`, :meth:`~.PfsClient.delete_branch`, :meth:`~.PfsClient.start_commit`, which gives
        the commit that there will be, :meth:`~.PfsClient.finish_commit`, :meth:`~.PfsClient.squash_commit_set`, and
        :meth:`~.PpsClient.create_pipeline` of :attr:`.PfsClient.pps`. All others raise :class:`NotInTransaction` before
        anything is sent, as servers would carry them out at once: put files after the ``with``, into commits that were
        started in it.

        It holds for the thread or task that entered it and for tasks started from there, and for no others.
        The commits that a 2.x server starts in it have one id, so there can be only one in a repo (before 2.6: on a
        branch).

        :return: the id of the transaction.
        :raises Conflict: if two of the calls cannot be done in one step.
        """
        self._session.refuse_in_transaction()
        id = await self.start_transaction()
        try:
            with self._session.metadata.in_transaction(id):
                yield id
            await self.finish_transaction(id)
        except BaseException as error:
            await undo(error, f"transaction {id} could not be deleted", lambda: self.delete_transaction(id))
            raise

    async def start_transaction(self) -> str:
        """Start a transaction, which waits on the server for calls (StartTransaction).

        :return: its id. Use :meth:`transaction` to make calls a part of one.
        """
        dialect = await self._session.dialect()
        return await self._session.run(dialect.transactions.start(), together=True)

    async def inspect_transaction(self, transaction_id: str) -> TransactionInfo:
        """Describe a transaction that is not finished (InspectTransaction).

        :raises TransactionNotFound: if there is none of this id.
        """
        id = not_empty("transaction_id", transaction_id)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.transactions.inspect(id), together=True)

    async def list_transaction(self) -> list[TransactionInfo]:
        """List the transactions that are not finished, of all clients (ListTransaction)."""
        dialect = await self._session.dialect()
        return InfoList(await self._session.run(dialect.transactions.list(), together=True))

    async def finish_transaction(self, transaction_id: str) -> TransactionInfo:
        """Carry out everything in a transaction, in one step (FinishTransaction).

        :return: what was done.
        :raises TransactionNotFound: if there is none of this id.
        """
        id = not_empty("transaction_id", transaction_id)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.transactions.finish(id), together=True)

    async def delete_transaction(self, transaction_id: str) -> None:
        """Delete a transaction with everything in it (DeleteTransaction).

        :raises TransactionNotFound: if there is none of this id.
        """
        id = not_empty("transaction_id", transaction_id)
        dialect = await self._session.dialect()
        await self._session.run(dialect.transactions.delete(id), together=True)
