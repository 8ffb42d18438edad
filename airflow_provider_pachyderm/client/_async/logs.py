"""Logs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from airflow_provider_pachyderm.client import _pps_refs
from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_negative
from airflow_provider_pachyderm.client._async.items import AsyncItems
from airflow_provider_pachyderm.client._dialects.logs import LogFilter
from airflow_provider_pachyderm.client._pps_models import Datum, DatumInfo, LogMessage
from airflow_provider_pachyderm.client._pps_refs import JobLike, PipelineLike


class AsyncLogCalls(AsyncCalls):
    """The client's call for logs."""

    async def get_logs(
        self,
        pipeline_name: PipelineLike | None = None,
        *,
        job: JobLike | None = None,
        datum: Datum | DatumInfo | str | None = None,
        data_filters: Iterable[str] = (),
        master: bool = False,
        follow: bool = False,
        tail: int = 0,
        since: timedelta | None = None,
        loki: bool = False,
    ) -> AsyncItems[LogMessage]:
        """Read the log of a pipeline, of one of its jobs, or of a datum (GetLogs); of the server if none is given.

        Lines of workers that are gone, as of a pipeline that was stopped, are lost, except with Loki.

        :param job: only of this job.
        :param datum: only of this datum of the job.
        :param data_filters: paths or hashes of input files; only lines about a datum that has all of them.
        :param master: of the worker that plans the work, instead of the others.
        :param follow: wait for more: the iterator never ends.
        :param tail: only so many of the last lines of each worker; 0: all.
        :param since: how far back (1.12.2 and later); None: from an hour before the job was made, or a day.
        :param loki: ask Loki, where that is installed (1.11 and later).
        :return: an iterator that is open already, so errors are raised here.
        :raises JobNotFound: if the job does not exist.
        """
        project = self.config.project
        of_job = None if job is None else _pps_refs.parse_job(job, project)
        pipeline = None if pipeline_name is None else _pps_refs.parse_pipeline(pipeline_name, project)
        wanted = LogFilter(
            pipeline=pipeline,
            job=of_job,
            datum=None if datum is None else _pps_refs.parse_datum(datum, of_job, project),
            data_filters=list(data_filters),
            master=master,
            follow=follow,
            tail=not_negative("tail", tail),
            since=since,
            loki=loki,
        )
        dialect = await self._session.dialect()
        return await self._session.open(dialect.logs.get(wanted))
