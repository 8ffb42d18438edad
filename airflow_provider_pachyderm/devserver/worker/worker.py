"""The worker: it takes jobs in their order and does them, as many datums at once as it may."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.branches.durations import nanoseconds
from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.jobs.model import JobKey
from airflow_provider_pachyderm.devserver.engine.jobs.work import JobWork
from airflow_provider_pachyderm.devserver.worker.job_runs import JobRun
from airflow_provider_pachyderm.devserver.worker.outputs import EndlessOutput
from airflow_provider_pachyderm.devserver.worker.slots import Slots

_log = logging.getLogger(__name__)
_SECOND = 1_000_000_000
_PAUSE = 1.0  # seconds before a job that could not be done is begun again


class Worker:
    """Does the jobs of an engine.

    :param folder: where datums are laid out; all that is in it goes. None: a temporary one.
    :param jobs: how many datums run at once.
    :param command: is run in place of the pipelines' commands, once a datum; it finds its files by ``PACH_PFS``.
    """

    def __init__(self, engine: Engine, folder: Path | None, jobs: int = 1, command: Sequence[str] = ()) -> None:
        self._engine = engine
        self._command = command
        self._slots = Slots(engine, folder, jobs, may_mount=not command)

    async def run(self) -> None:
        """Do jobs until it is cancelled; nothing of it is running, or on the disk, then."""
        running: dict[JobKey, asyncio.Task[None]] = {}
        try:
            await self._slots.make()
            while True:
                try:
                    self._take(running)
                except Exception:
                    _log.exception("cannot look for jobs")
                    await asyncio.sleep(_PAUSE)
                else:
                    await self._engine.work.changed()
        finally:
            for task in running.values():
                task.cancel()
            await asyncio.gather(*running.values(), return_exceptions=True)
            await self._slots.remove()

    def _take(self, running: dict[JobKey, asyncio.Task[None]]) -> None:
        """Begin all jobs that can be done."""
        for key in [key for key, task in running.items() if task.done()]:
            del running[key]
        while (work := self._engine.work.next_job(running)) is not None:
            running[work.key] = asyncio.create_task(self._do(work))

    async def _do(self, work: JobWork) -> None:
        """Do a job until it has ended, in whatever way."""
        run = asyncio.create_task(self._until_done(work))
        closed = asyncio.create_task(self._engine.work.closed(work.key))
        try:
            done, _ = await asyncio.wait((run, closed), timeout=self._left(work), return_when=asyncio.FIRST_COMPLETED)
            if not done:
                self._engine.work.time_out(work.key)
        finally:
            for task in (run, closed):
                task.cancel()
            await asyncio.gather(run, closed, return_exceptions=True)

    def _left(self, work: JobWork) -> float | None:
        """Seconds that a job may go on, from its start, be that of an earlier server; None: for ever."""
        timeout = work.spec.get("job_timeout")
        if not timeout:
            return None
        now = self._engine.now()
        started = self._engine.jobs.inspect(work.key).started or now
        return max(0, started + nanoseconds(timeout) - now) / _SECOND

    async def _until_done(self, work: JobWork) -> None:
        while self._engine.work.is_open(work.key):
            try:
                await JobRun(self._engine, work, self._slots, self._command).run()
                return
            except EndlessOutput as error:
                reason = str(error)
            except EngineError as error:
                reason = error.text
            except Exception as error:
                _log.exception("job %s of pipeline %s could not be done", work.key.id, work.key.pipeline.name)
                reason = str(error)
            self._tell(work, f"error in job: {reason}")
            await asyncio.sleep(_PAUSE)

    def _tell(self, work: JobWork, line: str) -> None:
        """Write to the log of a job, if that can be: what hinders a job, as a full disk, may hinder this."""
        try:
            self._engine.logs.add(work.key.pipeline, line, work.key.id, of_user=False, master=True)
        except Exception:
            _log.exception("cannot write to the log of job %s: %s", work.key.id, line)
