"""Many deferred sensors in a real triggerer of Airflow: from the commit to the first event, and until all are stored.

The deferred tasks are written to a database of their own, as a scheduler would need hours for them; the triggerer, and
what it does with events, are Airflow's. The measure is as many bare triggers, which wait for a file to appear. It needs
Airflow 3.3.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from airflow_provider_pachyderm.client import PfsClient  # noqa: E402  (found through the path)
from airflow_provider_pachyderm.testing.server import DevServer  # noqa: E402
from tools.airflow_stack import Airflow, end_with_sigterm, free_port, wait_until  # noqa: E402

FIRED = "Trigger fired event"
DAG = """
from airflow.sdk import DAG
from airflow_provider_pachyderm.sensors.pachyderm import PachydermCommitSensor

with DAG("wait", schedule=None):
    PachydermCommitSensor(task_id="wait", repo="waiters", deferrable=True)
"""
BARE = """
import asyncio, functools, os
from airflow.triggers.base import BaseTrigger, TriggerEvent


@functools.cache
def appearance(path):
    async def look():
        while not os.path.exists(path):
            await asyncio.sleep(0.05)

    return asyncio.ensure_future(look())


class BareTrigger(BaseTrigger):
    def __init__(self, path):
        super().__init__()
        self.path = path

    def serialize(self):
        return "bare.BareTrigger", {"path": self.path}

    async def run(self):
        await asyncio.shield(appearance(self.path))
        yield TriggerEvent({"status": "success", "commit": ""})
"""
FILL = """
import sys
from datetime import datetime, timedelta, timezone
from airflow.models.dagbag import DBDagBag
from airflow.models.taskinstance import TaskInstance
from airflow.models.trigger import Trigger
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState, TaskInstanceState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from airflow_provider_pachyderm.triggers.pachyderm import PachydermCommitTrigger
from bare import BareTrigger

waiters, path = int(sys.argv[1]), sys.argv[2]
now = datetime.now(timezone.utc)
deadline = (now + timedelta(hours=1)).isoformat()


def trigger(number):
    if path:
        return BareTrigger(path)
    after = (now - timedelta(microseconds=number)).isoformat()
    return PachydermCommitTrigger(repo="waiters", branch="master", after=after, deadline=deadline)


with create_session() as session:
    dag = DBDagBag().get_latest_version_of_dag("wait", session=session)
    run = dag.create_dagrun(
        run_id="many", run_after=now, run_type=DagRunType.MANUAL, triggered_by=DagRunTriggeredByType.TEST,
        state=DagRunState.RUNNING, session=session,
    )
    session.flush()
    first = run.task_instances[0]
    for number in range(waiters):
        row = Trigger.from_object(trigger(number))
        session.add(row)
        session.flush()
        task = TaskInstance(
            dag.get_task("wait"), run_id="many", map_index=number, dag_version_id=first.dag_version_id,
            state=TaskInstanceState.DEFERRED,
        )
        task.trigger_id, task.next_method, task.try_number = row.id, "execute_complete", 1
        session.add(task)
    session.delete(first)
"""


@dataclass(frozen=True)
class Figures:
    """Seconds until all triggers run, and from what they wait for to the first event, and until all are stored."""

    running: float
    first: float
    stored: float


def measure(waiters: int, bare: bool) -> Figures:
    """Let so many triggers wait, give them what they wait for, and wait until Airflow has stored all events."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, DevServer("2.11.6", Path(folder)) as server:
        place = Path(folder)
        signal = place / "signal"
        with triggerer(place, server, waiters, str(signal) if bare else "") as (airflow, running):
            if bare:
                signal.touch()
            else:
                commit(server)
            began = time.time()
            wait_until("all events", lambda: not deferred(airflow), patience=1800)
            stored = time.time() - began
            first = min(moments(airflow)) - began
    return Figures(running, first, stored)


@contextmanager
def triggerer(place: Path, server: DevServer, waiters: int, bare: str) -> Iterator[tuple[Airflow, float]]:
    """Start Airflow's triggerer on a database full of deferred tasks, until each has a trigger that runs."""
    dags = place / "dags"
    dags.mkdir()
    (dags / "wait.py").write_text(DAG)
    (dags / "bare.py").write_text(BARE)
    connection = {"conn_type": "pachyderm", "host": server.host, "port": server.port}
    settings = {
        "PYTHONPATH": str(dags),
        "AIRFLOW_CONN_PACHYDERM_DEFAULT": json.dumps(connection),
        "AIRFLOW__TRIGGERER__CAPACITY": str(waiters),
        "AIRFLOW__TRIGGERER__MAX_TRIGGER_TO_SELECT_PER_LOOP": "500",
        "AIRFLOW__TRIGGERER__RUNNER_HEALTH_CHECK_THRESHOLD": "600",
        "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "600",
    }
    airflow = Airflow(place / "home", free_port(), dags, **settings)
    airflow.migrate()
    for command in ([airflow_binary(), "dags", "reserialize"], [sys.executable, "-c", FILL, str(waiters), bare]):
        subprocess.run(command, env=airflow.environment, check=True, stdout=subprocess.DEVNULL)
    with PfsClient(server.host, server.port) as client:
        client.create_repo("waiters")
    airflow.start("triggerer")
    try:
        began = time.time()
        wait_until("all triggers", lambda: len(logs(airflow)) == waiters, patience=1800)
        running = time.time() - began
        time.sleep(15)  # the last of them have looked by then
        yield airflow, running
    finally:
        airflow.stop_all()


def airflow_binary() -> str:
    """Give the path of Airflow's command."""
    return str(Path(sys.executable).with_name("airflow"))


def commit(server: DevServer) -> None:
    """Make what the sensors wait for."""
    with PfsClient(server.host, server.port) as client, client.commit("waiters", "master"):
        pass


def deferred(airflow: Airflow) -> int:
    """Count the tasks whose event is not stored yet."""
    with closing(sqlite3.connect(airflow.home / "airflow.db", timeout=60)) as database:
        (count,) = database.execute("SELECT count(*) FROM task_instance WHERE state = 'deferred'").fetchone()
    return int(count)


def logs(airflow: Airflow) -> list[Path]:
    """Find the log of each trigger."""
    return list((airflow.home / "logs").rglob("*.trigger.*.log"))


def moments(airflow: Airflow) -> Iterator[float]:
    """Tell when each trigger fired, in seconds since 1970."""
    for log in logs(airflow):
        for line in log.read_text().splitlines():
            if FIRED in line:
                yield datetime.fromisoformat(json.loads(line)["timestamp"].replace("Z", "+00:00")).timestamp()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiters", type=int, nargs="+", default=[100, 1000])
    options = parser.parse_args()
    end_with_sigterm()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # Airflow keeps a log open for each
    row = "{:>8}{:>10}{:>11}{:>9}{:>10}"
    print(row.format("waiters", "", "running s", "first s", "stored s"))
    kinds: dict[str, Callable[[int], Figures]] = {
        "commit": lambda waiters: measure(waiters, bare=False),
        "bare": lambda waiters: measure(waiters, bare=True),
    }
    for waiters in options.waiters:
        for name, kind in kinds.items():
            seen = kind(waiters)
            figures = (f"{seen.running:.0f}", f"{seen.first:.2f}", f"{seen.stored:.1f}")
            print(row.format(waiters, name, *figures), flush=True)


if __name__ == "__main__":
    main()
