"""Airflow's components as processes on loopback, each of which can be stopped, killed and started by itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

COMPONENTS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}
_PATIENCE = 240.0

# Workers and tasks are forks of the scheduler; this gives each a place of its own and writes down which.
SCATTER = """
import os, tempfile

def scatter():
    place = tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=os.environ["SCATTER"])
    os.environ.update(HOME=place, TMPDIR=place)
    tempfile.tempdir = None
    os.chdir(place)

os.register_at_fork(after_in_child=scatter)
"""

T = TypeVar("T")


def wait_until(what: str, look: Callable[[], T | None], patience: float = _PATIENCE, every: float = 0.5) -> T:
    """Look again and again until something is there.

    :param what: what is awaited, for the error
    :param look: returns it, or something false while it is not there
    :param patience: seconds until it gives up
    :param every: seconds between looks
    """
    deadline = time.monotonic() + patience
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {patience:.0f} s in vain for {what}")
        time.sleep(every)
    return found


def end_with_sigterm() -> None:
    """Let SIGTERM end this process as an exception does, so that what it started ends, too."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def free_port() -> int:
    """Find a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def scattered(folder: Path) -> dict[str, str]:
    """Return settings with which each fork of a component, such as a task, gets a place of its own.

    :param folder: where the places are made; their names begin with the process's id
    """
    hook = folder.with_name(f"{folder.name}-hook")
    folder.mkdir()
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(SCATTER)
    search = os.pathsep.join(filter(None, [str(hook), os.environ.get("PYTHONPATH")]))
    return {"PYTHONPATH": search, "SCATTER": str(folder)}


def places(folder: Path) -> set[str]:
    """Return the ids of the processes that have a place in the folder."""
    return {place.name.partition("-")[0] for place in folder.iterdir()}


class Report:
    """What was seen, line by line, and whether it is as it must be."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def step(self, text: str) -> None:
        """Announce a step."""
        print(f"\n==> {text}", flush=True)

    def figure(self, text: str) -> None:
        """Show something that may be so or so."""
        print(f"    {text}", flush=True)

    def check(self, text: str, holds: bool) -> None:
        """Show something that must be so."""
        print(f"    {'ok   ' if holds else 'WRONG'} {text}", flush=True)
        if not holds:
            self.wrong.append(text)

    def end(self) -> int:
        """Sum up, and return the exit status."""
        self.step("as it must be" if not self.wrong else f"{len(self.wrong)} things are wrong")
        for text in self.wrong:
            self.figure(text)
        return int(bool(self.wrong))


class Airflow:
    """An Airflow of our own: ``airflow standalone`` in pieces.

    :param home: its home, made if it is missing; database and logs are there
    :param port: of the API and the UI
    :param dags: its DAG folder
    :param settings: more environment variables for all components
    """

    def __init__(self, home: Path, port: int, dags: Path, **settings: str) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{port}"
        self.environment = (
            os.environ | _settings(home, port, self.url) | {"AIRFLOW__CORE__DAGS_FOLDER": str(dags)} | settings
        )
        self._commands = dict(COMPONENTS)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._token = ""

    def migrate(self) -> None:
        """Make the database."""
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log("migrate").open("wb") as log:
            subprocess.run(_airflow("db", "migrate"), env=self.environment, stdout=log, stderr=log, check=True)
        if (database := self.home / "airflow.db").exists():
            with closing(sqlite3.connect(database)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")  # lets components read while another one writes

    def add(self, component: str, *command: str) -> None:
        """Add a component to the usual ones, such as a worker.

        :param component: its name
        :param command: arguments of ``airflow``
        """
        self._commands[component] = list(command)

    def start_all(self, **settings: dict[str, str]) -> None:
        """Start every component, and wait until all have reported.

        :param settings: more environment variables for the component of this name
        """
        for component in self._commands:
            self.start(component, **settings.get(component, {}))
        self.wait_until_healthy()

    def start(self, component: str, **settings: str) -> None:
        """Start a component, in a process group of its own.

        :param component: its name
        :param settings: more environment variables for this one
        """
        with self.log(component).open("ab") as log:
            self._processes[component] = subprocess.Popen(
                _airflow(*self._commands[component]),
                env=self.environment | settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop(self, component: str) -> None:
        """End a component gracefully, and wait for it."""
        process = self._processes[component]
        process.terminate()
        try:
            process.wait(60)
        finally:
            self.kill(component)

    def kill(self, component: str) -> None:
        """End a component and all that it started, as a machine does that loses power."""
        process = self._processes.pop(component)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()

    def stop_all(self) -> None:
        """End every component: those that start tasks first, the API that tasks need last."""
        for component in reversed(self._commands):
            if component in self._processes:
                self.stop(component)

    def wait_until_healthy(self) -> None:
        """Wait until every component has reported."""
        wait_until("a healthy Airflow", self._healthy, every=1.0)

    def connect(self, host: str, port: int) -> None:
        """Define the connection ``pachyderm_default``."""
        address = {"host": host, "port": port}
        self.post("/connections", {"connection_id": "pachyderm_default", "conn_type": "pachyderm", **address})

    def log(self, component: str) -> Path:
        """Return the file with a component's output."""
        return self.home / f"{component}.log"

    def get(self, path: str) -> Any:
        """Read from the REST API.

        :param path: behind ``/api/v2``
        """
        return self._request("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Write to the REST API."""
        return self._request("POST", path, body)

    def _healthy(self) -> bool:
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended: see {self.log(name)}")
        try:
            health = self._open("GET", "/api/v2/monitor/health")
        except (URLError, ConnectionError):
            return False
        parts = ("metadatabase", "scheduler", "triggerer", "dag_processor")
        return all(health[part]["status"] == "healthy" for part in parts)

    def _request(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if not self._token:
            self._token = self._open("GET", "/auth/token")["access_token"]
        return self._open(method, f"/api/v2{path}", body)

    def _open(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.url + path, data, headers, method=method), timeout=30) as response:
            return json.load(response)


class Run:
    """A run of a DAG, started here.

    :param airflow: where to start it
    :param dag: which DAG
    :param conf: its configuration
    """

    def __init__(self, airflow: Airflow, dag: str, conf: dict[str, Any]) -> None:
        self._airflow = airflow
        self._runs = f"/dags/{dag}/dagRuns"
        self.id: str = airflow.post(self._runs, {"logical_date": None, "conf": conf})["dag_run_id"]

    def end(self) -> str:
        """Wait for the end of the run, and return its state."""
        return wait_until(f"the end of {self.id}", self._ended)

    def states(self) -> dict[str, str | None]:
        """Return the state of each task."""
        tasks = self._airflow.get(f"{self._runs}/{self.id}/taskInstances")["task_instances"]
        return {task["task_id"]: task["state"] for task in tasks}

    def task(self, name: str) -> dict[str, Any]:
        """Describe a task."""
        described: dict[str, Any] = self._airflow.get(f"{self._runs}/{self.id}/taskInstances/{name}")
        return described

    def result(self, task: str) -> str:
        """Return what a task returned."""
        path = f"{self._runs}/{self.id}/taskInstances/{task}/xcomEntries/return_value"
        value: str = self._airflow.get(path)["value"]
        return value

    def _ended(self) -> str | None:
        state: str = self._airflow.get(f"{self._runs}/{self.id}")["state"]
        return state if state in ("success", "failed") else None


class CommitEvents:
    """The events that commits made, and the runs that these started.

    :param airflow: where
    """

    def __init__(self, airflow: Airflow) -> None:
        self._airflow = airflow

    def events(self) -> Counter[str]:
        """Count the events of each commit."""
        return Counter(event["extra"]["payload"]["commit"] for event in self._events())

    def runs(self) -> Counter[str]:
        """Count the runs that each commit started."""
        return Counter(
            event["extra"]["payload"]["commit"] for event in self._events() for _ in event["created_dagruns"]
        )

    def _events(self) -> list[dict[str, Any]]:
        events = wait_until("the list of events", self._listed, every=0.1)
        return [event for event in events["asset_events"] if "payload" in event["extra"]]

    def _listed(self) -> dict[str, Any] | None:
        try:
            listed: dict[str, Any] = self._airflow.get("/assets/events?limit=1000")
        except HTTPError as error:  # Airflow cannot show an event while the run of it is queued (3.0.6 and 3.3.2)
            if error.code != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            return None
        return listed


def _airflow(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("airflow")), *arguments]


def _settings(home: Path, port: int, url: str) -> dict[str, str]:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {
        "PATH": path,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "6",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "10",
        "AIRFLOW__CORE__TEST_CONNECTION": "Enabled",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db?timeout=60",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_ISSUER": "airflow",  # without one Airflow 3.0 fails with the PyJWT of today
        # The triggers of a triggerer that was killed are free after this time; 30 s is the default.
        "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "10",
        "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "2",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
