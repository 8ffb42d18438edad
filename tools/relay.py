"""One run for each commit, in a real Airflow, while the scheduler and the dev server are killed.

Commits are made as fast as they can be on a branch that a relay follows. Everything it makes is below
``.airflow-relay/``. The exit status is 1 if a commit has no run, or two, or if their order is another one. The database
is an empty one that you have, as ``postgresql+psycopg2://user@host:port/name``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from airflow_provider_pachyderm.client import PfsClient, RetryPolicy  # noqa: E402  (found through the path above)
from airflow_provider_pachyderm.testing.server import DevServer  # noqa: E402
from tools.airflow_stack import Airflow, Report, end_with_sigterm, free_port, wait_until  # noqa: E402

HOME = ROOT / ".airflow-relay"
RELAY = "commit_relay.images.master"
CONSUMER = "on_commit"
DAG_FILE = """
from airflow.sdk import DAG, task

from airflow_provider_pachyderm.relays.pachyderm import commit_relay, get_commit

images = commit_relay("images")

with DAG("on_commit", schedule=images.schedule, max_active_runs=4):

    @task
    def look(**context):
        return get_commit(context, "images").commit.id

    look()
"""
# Airflow finds tasks of a scheduler that was killed after 300 s by default, and their run is the only one of a relay.
SETTINGS = {
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "10",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "10",
    "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "2",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "5",
}
PATIENCE = 900.0


def main() -> int:
    """Make the commits, kill, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--database", required=True)
    options = parser.parse_args()
    report = Report()
    end_with_sigterm()
    shutil.rmtree(HOME, ignore_errors=True)
    (HOME / "dags").mkdir(parents=True)
    (HOME / "dags" / "relayed.py").write_text(DAG_FILE)
    database = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": options.database}
    airflow = Airflow(HOME, free_port(), HOME / "dags", **SETTINGS, **database)
    report.step(f"Airflow below {HOME.name}")
    server = DevServer("2.11.6", HOME / "pachyderm")
    try:
        server.start()
        airflow.migrate()
        airflow.start_all()
        airflow.connect(server.host, server.port)
        retry = RetryPolicy(deadline=300.0)
        with PfsClient(server.host, server.port, retry=retry) as client:
            client.create_repo("images")
            wait_until("the relay's first run", lambda: ended(airflow, RELAY), PATIENCE)
            relayed(airflow, client, server, options.commits, report)
    finally:
        airflow.stop_all()
        server.stop()
    return report.end()


def relayed(airflow: Airflow, client: PfsClient, server: DevServer, number: int, report: Report) -> None:
    """Make commits while things are killed, and compare them with the runs."""
    report.step(f"{number} commits as fast as they can be made")
    began = time.monotonic()
    killers = threading.Thread(target=kill, args=(airflow, server, report))
    commits: list[str] = []
    for index in range(number):
        if index == number // 4:
            killers.start()
        with client.commit("images", "master") as commit:
            client.put_file_bytes(commit, "/number", str(index).encode())
        commits.append(str(commit.id))
    report.figure(f"{number} commits in {time.monotonic() - began:.0f} s")
    killers.join()
    wait_until("a run for each", lambda: len(runs(airflow, CONSUMER)) >= number, PATIENCE, every=2.0)
    report.figure(f"{number} runs after {time.monotonic() - began:.0f} s")
    keys = [run["partition_key"] for run in runs(airflow, CONSUMER)]
    report.check(
        f"{len(keys)} runs for {len(set(commits))} commits, each with its own", sorted(keys) == sorted(commits)
    )
    report.check("in the order of the branch", keys == commits)
    wait_until("their end", lambda: len(ended(airflow, CONSUMER)) >= number, 4 * PATIENCE, every=2.0)
    report.figure(f"all ended after {time.monotonic() - began:.0f} s")
    states = [run["state"] for run in runs(airflow, CONSUMER)]
    report.check(f"{states.count('success')} succeeded", states == ["success"] * number)
    report.figure(f"{len(runs(airflow, RELAY))} runs of the relay")


def kill(airflow: Airflow, server: DevServer, report: Report) -> None:
    """Kill the dev server and the scheduler, and start them again."""
    for _ in range(2):
        server.kill()
        server.start()
        report.figure("killed the dev server")
        airflow.kill("scheduler")
        airflow.start("scheduler")
        report.figure("killed the scheduler")
        time.sleep(5)


def runs(airflow: Airflow, dag: str) -> list[dict[str, Any]]:
    """List the runs of a DAG in the order they were made in."""
    found: list[dict[str, Any]] = []
    while True:
        path = f"/dags/{dag}/dagRuns?order_by=id&limit=100&offset={len(found)}"
        page = airflow.get(path)["dag_runs"]
        found += page
        if len(page) < 100:
            return found


def ended(airflow: Airflow, dag: str) -> list[dict[str, Any]]:
    """List the runs of a DAG that have ended; none if it is not there yet."""
    try:
        return [run for run in runs(airflow, dag) if run["state"] in ("success", "failed")]
    except OSError:
        return []


if __name__ == "__main__":
    sys.exit(main())
