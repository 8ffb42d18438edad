"""Log lines of jobs, as the worker writes them."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.pipelines.model import PipelineKey
from airflow_provider_pachyderm.devserver.engine.store.pipeline_tables import LogRow

LOGGED = "logged"
"""Key that is woken when a line came."""


@dataclass(frozen=True)
class LogFile:
    """A file of the datum that a line is about.

    :param hash: in hexadecimal digits.
    """

    path: str
    hash: str = ""


@dataclass(frozen=True)
class LogLine:
    """A line.

    :param job: id of the job; empty: it is about none.
    :param of_user: the command printed it, not the worker.
    :param master: it is about the whole pipeline.
    """

    num: int
    pipeline: PipelineKey
    job: str
    datum: str
    message: str
    of_user: bool
    master: bool
    time: int
    files: tuple[LogFile, ...]


class Logs:
    """The log lines of all pipelines."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._store = core.store

    def add(
        self,
        pipeline: PipelineKey,
        message: str,
        job: str = "",
        datum: str = "",
        files: Sequence[LogFile] = (),
        of_user: bool = True,
        master: bool = False,
    ) -> None:
        """Write a line of a pipeline that is there; without effect if it is not."""
        with self._core.unit() as unit:
            self._store.run(
                "INSERT INTO logs (pipeline, job, datum, master, of_user, time, message, files) "
                "SELECT num, ?, ?, ?, ?, ?, ?, ? FROM pipelines WHERE project = ? AND name = ?",
                job, datum, master, of_user, self._core.now(), message,
                json.dumps([[file.path, file.hash] for file in files]), pipeline.project, pipeline.name,
            )  # fmt: skip
            unit.touched.add(LOGGED)

    async def get(
        self,
        pipeline: PipelineKey,
        job: str = "",
        datum: str = "",
        filters: Collection[str] = (),
        master: bool = False,
        since: int = 0,
        tail: int = 0,
        follow: bool = False,
    ) -> AsyncIterator[LogLine]:
        """GetLogs of a pipeline, oldest first.

        :param filters: paths, or hashes, of which each has to be of a file of the line's datum.
        :param since: nanoseconds since 1970.
        :param tail: only so many of the last lines; 0 means all.
        :param follow: go on as lines come.
        """
        latest = 0
        while True:
            lines = self._after(pipeline, latest, since)
            if tail and not latest:
                lines = deque(lines, maxlen=tail)
            for line in lines:
                latest = line.num
                wanted = job in ("", line.job) and datum in ("", line.datum) and line.master == master
                if wanted and _has_files(line, filters):
                    yield line
            if not follow:
                return
            # more may have come while these were taken
            if not lines:
                await self._core.notifier.wait([LOGGED])
            await asyncio.sleep(0)

    def _after(self, pipeline: PipelineKey, latest: int, since: int) -> deque[LogLine]:
        rows = self._store.all(
            LogRow,
            "SELECT l.* FROM logs l JOIN pipelines p ON p.num = l.pipeline "
            "WHERE p.project = ? AND p.name = ? AND l.num > ? AND l.time >= ? ORDER BY l.num",
            pipeline.project, pipeline.name, latest, since,
        )  # fmt: skip
        return deque(
            LogLine(
                row.num, pipeline, row.job, row.datum, row.message, bool(row.of_user), bool(row.master), row.time,
                tuple(LogFile(*file) for file in json.loads(row.files)),
            )
            for row in rows
        )  # fmt: skip


def _has_files(line: LogLine, filters: Collection[str]) -> bool:
    known = {text for file in line.files for text in (file.path, file.hash)}
    return all(one in known for one in filters)
