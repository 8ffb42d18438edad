"""Runs of whole DAGs, as ``dag.test()`` makes them: one process a server, as a start takes longer than a run."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.airflow_home import HOME, SETTINGS

ROOT = Path(__file__).resolve().parents[2]
# Airflow 3 wants every DAG below this folder.
DAGS = HOME / "dags"


@dataclass(frozen=True)
class Run:
    """How a run ended.

    :param state: ``success``, ``failed``, or what went wrong before
    :param tasks: states of each task, one for every mapped instance
    :param log: what all of it printed
    :param events: asset, key and extra of each asset event
    """

    state: str
    log: str
    tasks: dict[str, list[str]] = field(default_factory=dict)
    error: str = ""
    events: list[Any] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.state == "success"


class AirflowRuns:
    """``with AirflowRuns() as runs: runs.run(file, "my_dag", conf, connection)``."""

    def __init__(self) -> None:
        self._log = HOME / "runs.log"
        self._begun = 0
        self._connection = ""
        self._busy = False
        # what is cached of a server stays in its process
        self._processes: dict[str, subprocess.Popen[str]] = {}

    def run(self, file: Path, dag: str, conf: dict[str, Any], connection: str, *, cleared: Sequence[str] = ()) -> Run:
        """Run a DAG to its end."""
        self.begin(file, dag, conf, connection, cleared=cleared)
        return self.end()

    def begin(
        self, file: Path, dag: str, conf: dict[str, Any], connection: str, *, cleared: Sequence[str] = ()
    ) -> None:
        """Start a run.

        :param file: file with the DAG; a copy is run
        :param dag: its id
        :param conf: configuration of the run
        :param connection: ``pachyderm_default``, as an environment variable has it
        :param cleared: tasks that are cleared when the run has ended; then it goes on
        """
        if self._busy:  # a test gave up on its run
            self._stop(self._connection)
        self._connection = connection
        if connection not in self._processes:
            self._start()
        self._busy = True
        self._begun = self._log.stat().st_size
        order = {
            "file": str(shutil.copy(file, DAGS / file.name)),
            "dag": dag,
            "conf": conf,
            "cleared": [*cleared],
        }
        process = self._started()
        assert process.stdin is not None
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()

    def end(self) -> Run:
        """Wait for the end of the run."""
        reply = self._reply()
        self._busy = False
        log = self._log_since()
        return Run(log=log, **json.loads(reply))

    def wait_for_log(self, text: str) -> None:
        """Wait until the run that was begun prints something."""
        stdout = self._started().stdout
        assert stdout is not None
        while text not in self._log_since():
            if select.select([stdout], [], [], 0.05)[0]:
                raise RuntimeError(f"{text!r} was not printed: {self.end()}")

    def __enter__(self) -> AirflowRuns:
        DAGS.mkdir(exist_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        for connection in [*self._processes]:
            self._stop(connection)

    def _start(self) -> None:
        settings = {
            **SETTINGS,
            "AIRFLOW_CONN_PACHYDERM_DEFAULT": self._connection,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "0",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        }
        with self._log.open("ab") as log:
            self._processes[self._connection] = subprocess.Popen(
                [sys.executable, "-m", "tests.support.run_dags"],
                cwd=HOME,  # what tasks write to relative paths is gone with it
                env={**os.environ, **settings},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._reply()

    def _stop(self, connection: str) -> None:
        process = self._processes.pop(connection)
        process.kill()
        process.communicate()

    def _started(self) -> subprocess.Popen[str]:
        return self._processes[self._connection]

    def _reply(self) -> str:
        process = self._started()
        assert process.stdout is not None
        reply = process.stdout.readline()
        if not reply:
            self._stop(self._connection)
            self._busy = False
            raise RuntimeError(f"Airflow ended:\n{self._log_since()}")
        return reply

    def _log_since(self) -> str:
        with self._log.open("rb") as log:
            log.seek(self._begun)
            return log.read().decode(errors="replace")
