"""What a cluster does for pipelines without being asked: start and stop their workers, and run their cron inputs."""

from __future__ import annotations

import logging

from airflow_provider_pachyderm.devserver.engine.core import Core, Unit
from airflow_provider_pachyderm.devserver.engine.jobs.jobs import Jobs
from airflow_provider_pachyderm.devserver.engine.jobs.model import JOBS
from airflow_provider_pachyderm.devserver.engine.jobs.rules import STOPPED_REASON
from airflow_provider_pachyderm.devserver.engine.pipelines.model import Kind, PipelineInfo, PipelineState
from airflow_provider_pachyderm.devserver.engine.pipelines.pipelines import PIPELINES, Pipelines
from airflow_provider_pachyderm.devserver.engine.pipelines.ticks import Ticks

_log = logging.getLogger(__name__)

_LOOK_EVERY = 0.2
"""Seconds between two looks at the clock."""
_NO_COMMAND = "nothing to run: no transform.cmd"


class Controller:
    """Moves pipelines from one state to the next."""

    def __init__(self, core: Core, pipelines: Pipelines, jobs: Jobs, ticks: Ticks) -> None:
        self._core = core
        self._store = core.store
        self._pipelines = pipelines
        self._jobs = jobs
        self._ticks = ticks

    async def run(self) -> None:
        """Move pipelines on whenever something changes, until this is cancelled."""
        while True:
            try:
                waits = self.step()
            except Exception:
                _log.exception("cannot look after the pipelines")
                waits = True
            await self._core.notifier.wait([PIPELINES, JOBS], _LOOK_EVERY if waits else None)

    def step(self) -> bool:
        """Give each pipeline the state it should have, and run cron inputs that are due; False if there are none."""
        for info in self._pipelines.list():
            state, reason = self._next(info)
            if state is not info.state:
                with self._core.unit() as unit:
                    self._move(unit, info, state, reason)
        return self._ticks.step()

    def _next(self, info: PipelineInfo) -> tuple[PipelineState, str]:
        if info.state is PipelineState.FAILURE:
            return info.state, info.reason
        if info.kind is Kind.TRANSFORM and not info.spec["transform"].get("cmd"):
            return PipelineState.FAILURE, _NO_COMMAND
        if info.stopped:
            return PipelineState.PAUSED, ""
        idle = info.spec.get("autoscaling") or info.spec.get("standby")
        if idle and all(job.state.is_final for job in self._jobs.list(info.key)):
            return PipelineState.STANDBY, ""
        return PipelineState.RUNNING, ""

    def _move(self, unit: Unit, info: PipelineInfo, state: PipelineState, reason: str) -> None:
        row = self._pipelines.row(info.key)
        self._store.run("UPDATE pipelines SET state = ?, reason = ? WHERE num = ?", state.value, reason, row.num)
        unit.touched.add(JOBS)
        if state is PipelineState.FAILURE:
            self._jobs.end_all(unit, info.key, self._core.profile[STOPPED_REASON])
        # the workers of a pipeline that scales itself come and go: servers do not note when
        if state is PipelineState.RUNNING and not info.spec.get("autoscaling"):
            sql = (
                "UPDATE pipeline_versions SET workers_started = ? "
                "WHERE pipeline = ? AND version = ? AND workers_started IS NULL"
            )
            self._store.run(sql, self._core.now(), row.num, row.version)
