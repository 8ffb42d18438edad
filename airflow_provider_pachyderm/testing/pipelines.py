"""Pipelines of which a test says how their jobs end, see the fixture ``pachyderm_pipelines``."""

from __future__ import annotations

import json
import shlex
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.testing import stand_in

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import DatumInfo
    from airflow_provider_pachyderm.client._pps_refs import JobLike

AT_ONCE = 32
"""Datums that a server runs at once for a test."""

_Key = tuple[str, str, str]


@dataclass(frozen=True)
class DatumWork:
    """A datum that a test does in place of the pipeline's command.

    :param project: the pipeline's project, ``""`` before 2.5.
    :param job: ID of the job.
    :param id: of the datum; ``""`` before 2.0.
    :param pfs: the folder that stands for ``/pfs``: a folder for each input, and ``out``.
    :param variables: the variables that the command has.
    """

    project: str
    pipeline: str
    job: str
    id: str
    pfs: Path
    variables: Mapping[str, str] = field(repr=False)
    lines: list[str] = field(default_factory=list, repr=False)

    @property
    def out(self) -> Path:
        """The folder that stands for ``/pfs/out``."""
        return self.pfs / "out"

    def log(self, line: str) -> None:
        """Write a line to the log of the job."""
        self.lines.append(line)


Function = Callable[[DatumWork], object]


@dataclass(frozen=True)
class _Ending:
    """How the datums of a job end: all well, but those with these ids, or all if it is empty."""

    failed: bool = False
    datum: str = ""
    lines: Sequence[str] = ()


class Pipelines:
    """Says how jobs end. Until it says so, they run.

    Nothing of a pipeline's own command is run.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._function: Function | None = None
        self._endings: dict[_Key, _Ending] = {}
        self._closed = False
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def options(self) -> list[str]:
        """What the command line of the dev server needs for it."""
        command = [sys.executable, "-I", "-S", stand_in.__file__, str(self._server.server_address[1])]
        return ["--run-pipelines", "--jobs", str(AT_ONCE), "--pipeline-command", shlex.join(command)]

    def run(self, function: Function) -> None:
        """Call a function for every datum, in place of the pipelines' commands: for those that wait and all that come.

        It is called in threads, for several datums at once. What it writes to ``out`` is the datum's output; if it
        raises, the datum fails, and the log has the traceback.

        :param function: takes a :class:`DatumWork`.
        """
        with self._changed:
            self._function = function
            self._changed.notify_all()

    def finish(self, job: JobLike) -> None:
        """Let a job succeed, without output.

        :param job: a job as :class:`.PpsClient` takes it: ``"pipeline@id"``, a ``Job`` or a ``JobInfo``.
        """
        self._end(job, _Ending())

    def fail(
        self, job: JobLike, datum: DatumInfo | str | None = None, reason: str = "", log: str | Sequence[str] = ()
    ) -> None:
        """Let a job fail by one of its datums; the others succeed, without output.

        :param job: as in :meth:`finish`.
        :param datum: its ID, or what :meth:`.PpsClient.list_datum` tells; None: all of them fail.
        :param reason: the last line in the log of the datum that fails. The job's own reason is the ID of that datum,
            as on real servers.
        :param log: the lines before that.
        """
        lines = [log] if isinstance(log, str) else [*log]
        id = "" if datum is None else datum if isinstance(datum, str) else datum.id
        self._end(job, _Ending(True, id, [*lines, *filter(None, [reason])]))

    def _end(self, job: JobLike, ending: _Ending) -> None:
        from airflow_provider_pachyderm.client._pps_refs import parse_job

        parsed = parse_job(job)
        with self._changed:
            self._endings[parsed.pipeline.project or "default", parsed.pipeline.name, parsed.id] = ending
            self._changed.notify_all()

    def close(self) -> None:
        """Let everything fail that still waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, work: DatumWork) -> int:
        """Do a datum when it is known how; the code that its command ends with."""
        key = work.project or "default", work.pipeline, work.job
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._function is not None or key in self._endings)
            ending, function = self._endings.get(key), self._function
        if ending is not None:
            failed = ending.failed and ending.datum in ("", work.id)
            work.lines.extend(ending.lines if failed else ())
            return int(failed)
        if function is None:
            return 1
        try:
            function(work)
        except Exception:
            work.lines.extend(traceback.format_exc().splitlines())
            return 1
        return 0


class _Server(ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, pipelines: Pipelines) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pipelines = pipelines


class _Handler(StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        variables = json.loads(self.rfile.readline())
        work = DatumWork(
            variables.get("PPS_PROJECT_NAME", ""),
            variables["PPS_PIPELINE_NAME"],
            variables["PACH_JOB_ID"],
            variables.get("PACH_DATUM_ID", ""),
            Path(variables["PACH_PFS"]),
            variables,
        )
        code = self.server.pipelines.answer(work)
        with suppress(OSError):  # the job was stopped meanwhile
            self.wfile.write(json.dumps({"code": code, "log": work.lines}).encode() + b"\n")
