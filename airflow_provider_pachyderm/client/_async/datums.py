"""Datums."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from airflow_provider_pachyderm.client import _pps_refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls, at_least_one, not_negative
from airflow_provider_pachyderm.client._async.items import AsyncItems
from airflow_provider_pachyderm.client._dialects.datums import DatumFilter
from airflow_provider_pachyderm.client._pipeline_specs.spec import read_input
from airflow_provider_pachyderm.client._pps_models import Datum, DatumInfo, DatumState
from airflow_provider_pachyderm.client._pps_refs import JobLike


class AsyncDatumCalls(AsyncCalls):
    """The client's calls for datums.

    1.x servers know which datums failed only where the pipeline has ``enable_stats``; without it all are STARTING.
    """

    async def list_datum(
        self,
        job: JobLike,
        *,
        states: Collection[DatumState] | DatumState = (),
        number: int = 0,
        reverse: bool = False,
        after: str = "",
    ) -> AsyncItems[DatumInfo]:
        """List the datums of a job (ListDatum), on 2.x in the order of their IDs.

        :param states: only those in one of these states.
        :param number: how many at most; 0: all.
        :param reverse: the last one first; takes a ``number`` (2.4 and later).
        :param after: only those behind this ID, or with ``reverse`` before it (2.4 and later).
        :return: an iterator that is open already, so errors are raised here.
        :raises JobNotFound: if the job does not exist.
        """
        parsed = _pps_refs.parse_job(job, self.config.project)
        wanted = _filter(states, number, reverse, after)
        dialect = await self._session.dialect()
        return await self._session.open(dialect.datums.list(parsed, wanted))

    async def list_datum_of_input(
        self, input: Mapping[str, Any], *, number: int = 0, reverse: bool = False, after: str = ""
    ) -> AsyncItems[DatumInfo]:
        """List the datums that an input would have now, without a pipeline (ListDatum; 1.11.6 and later).

        :param input: as in a pipeline spec: ``{"pfs": {"repo": "images", "glob": "/*"}}``.
        :param number: as of :meth:`list_datum`.
        :param reverse: likewise.
        :param after: likewise.
        :return: an iterator that is open already, so errors are raised here.
        :raises InvalidSpec: if the input is wrong.
        :raises BranchNotFound: if a branch that it reads does not exist.
        """
        wanted = _filter((), number, reverse, after)
        dialect = await self._session.dialect()
        tree = read_input(input, dialect.capabilities)
        return await self._session.open(dialect.datums.of_input(tree, wanted))

    async def create_datum(self, input: Mapping[str, Any], *, batch_size: int = 100) -> AsyncItems[DatumInfo]:
        """List the datums that an input would have now, without a pipeline (CreateDatum; 2.9.2 and later).

        Unlike with :meth:`list_datum_of_input`, the server finds out no more of them than are read, and a batch.

        :param input: as of :meth:`list_datum_of_input`.
        :param batch_size: how many are asked for at a time.
        :return: an iterator that is open already, so errors are raised here.
        :raises InvalidSpec: if the input is wrong.
        :raises BranchNotFound: if a branch that it reads does not exist.
        :raises Unsupported: on servers that have no such call.
        """
        size = at_least_one("batch_size", batch_size)
        dialect = await self._session.dialect()
        tree = read_input(input, dialect.capabilities)
        return await self._session.open(dialect.datums.create(tree, size))

    async def inspect_datum(self, datum: Datum | DatumInfo | str, job: JobLike | None = None) -> DatumInfo:
        """Describe a datum (InspectDatum); on 1.x only where the pipeline has ``enable_stats``.

        :param datum: a datum, or its ID and the ``job``.
        :raises DatumNotFound: if the job has none of this ID.
        """
        parsed = _pps_refs.parse_datum(datum, job, self.config.project)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.datums.inspect(parsed))

    async def restart_datum(self, job: JobLike, data_filters: Iterable[str] = ()) -> None:
        """Kill the program that processes a datum, and process it again (RestartDatum).

        :param data_filters: paths or hashes of its input files; none: whatever is being processed.
        :raises DatumNotFound: if no such datum is being processed.
        """
        parsed = _pps_refs.parse_job(job, self.config.project)
        dialect = await self._session.dialect()
        await self._session.run(dialect.datums.restart(parsed, list(data_filters)))


def _filter(states: Collection[DatumState] | DatumState, number: int, reverse: bool, after: str) -> DatumFilter:
    several = (states,) if isinstance(states, DatumState) else tuple(states)
    return DatumFilter(states=several, number=not_negative("number", number), reverse=reverse, after=after)
