"""Waiting for jobs: InspectJob and InspectJobSet that wait, SubscribeJob."""

from __future__ import annotations

from collections.abc import AsyncIterator

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.jobs.jobs import Jobs
from airflow_provider_pachyderm.devserver.engine.jobs.model import JOBS, JobInfo, JobKey, JobState
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey
from airflow_provider_pachyderm.devserver.engine.store.pipeline_tables import JobRow


class JobWatching:
    """Coroutines that sleep until a job has ended, or another one comes."""

    def __init__(self, core: Core, jobs: Jobs) -> None:
        self._core = core
        self._jobs = jobs

    async def ended(self, key: JobKey) -> JobInfo:
        """InspectJob that waits for the end; of a job that is deleted meanwhile it tells that it was killed."""
        info = self._jobs.inspect(key)
        while not info.state.is_final:
            await self._core.notifier.wait([key.wakes])
            row = self._jobs.find(key)
            if row is None:
                return self._killed(info)
            info = self._jobs.info(row)
        return info

    def _killed(self, info: JobInfo) -> JobInfo:
        values = {**vars(info), "state": JobState.KILLED, "finished": self._core.now()}
        return JobInfo(**values)

    async def ended_set(self, set_id: str) -> AsyncIterator[JobInfo]:
        """InspectJobSet that waits: each job when it has ended, those first that others need."""
        for info in self._jobs.of_set(set_id):
            yield await self.ended(info.key)

    async def subscribe(self, pipeline: PipelineKey) -> AsyncIterator[JobInfo]:
        """SubscribeJob: the jobs that are not done, then each new one, once."""
        latest = 0
        while True:
            found = self._new(pipeline, latest)
            for info in found:
                latest = info.num
                yield info
            # more may have come while these were taken
            if not found:
                await self._core.notifier.wait([JOBS])

    def _new(self, pipeline: PipelineKey, after: int) -> list[JobInfo]:
        rows = self._core.store.all(
            JobRow,
            "SELECT j.* FROM jobs j JOIN pipelines p ON p.num = j.pipeline "
            "WHERE p.project = ? AND p.name = ? AND j.num > ? AND j.finished IS NULL ORDER BY j.num",
            pipeline.project, pipeline.name, after,
        )  # fmt: skip
        return list(map(self._jobs.info, rows))
