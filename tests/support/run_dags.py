"""The other end of ``airflow_runs``: runs the DAGs it is told to, a JSON line in, a JSON line out."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

# Deprecated calls that we make are errors; Airflow's own are its business.
CATEGORIES = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


def migrate(airflow: Callable[[], None]) -> None:
    """Make the database, in a process of its own: on Airflow 2.11 it turns the log down."""
    sys.argv = ["airflow", "db", "migrate"]
    process = multiprocessing.get_context("fork").Process(target=airflow)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"airflow db migrate ended with {process.exitcode}")


def orders() -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        yield json.loads(line)


def load(file: str) -> Any:
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:  # before Airflow 3.2
        from airflow.models.dagbag import DagBag
    return DagBag(file)


def clear(dag_run: Any, tasks: list[str]) -> None:
    """Clear tasks of a run that has ended, as Airflow does for its users."""
    from airflow.utils.state import DagRunState

    due = dag_run.logical_date
    count = dag_run.dag.clear(task_ids=tasks, start_date=due, end_date=due, dag_run_state=DagRunState.RUNNING)
    assert count == len(tasks), f"cleared {count} tasks of {tasks}"


def go_on(dag: Any, dag_run: Any) -> Any:
    """Run what was cleared: ``dag.test()`` only ever makes new runs, so it gets this one in place of a new one."""
    from airflow.models import dag as dags
    from airflow.models import dagrun as dag_runs

    def get(*, dag: Any, session: Any, **_: Any) -> Any:
        found = session.get(dag_runs.DagRun, dag_run.id, populate_existing=True)
        found.dag = dag
        return found

    airflow_2 = hasattr(dags, "_get_or_create_dagrun")
    place = (dags, "_get_or_create_dagrun") if airflow_2 else (dag_runs, "get_or_create_dagrun")
    with patch.object(*place, get):
        return dag.test()


def run(file: str, dag: str, conf: dict[str, Any], cleared: list[str]) -> dict[str, Any]:
    bag = load(file)
    if bag.import_errors:
        return {"state": "not imported", "error": "\n".join(bag.import_errors.values())}
    dag_run = bag.dags[dag].test(run_conf=conf)
    if cleared:
        clear(dag_run, cleared)
        dag_run = go_on(bag.dags[dag], dag_run)
    tasks: dict[str, list[str]] = {}
    for ti in sorted(dag_run.get_task_instances(), key=lambda ti: ti.map_index):
        tasks.setdefault(ti.task_id, []).append(str(ti.state))
    return {"state": str(dag_run.state), "tasks": tasks, "events": events(dag_run)}


def events(dag_run: Any) -> list[tuple[str, str | None, Any]]:
    """Each asset event of a run: the asset, its key, and what is said of it."""
    from airflow.utils.session import create_session

    try:
        from airflow.models.asset import AssetEvent
    except ImportError:  # Airflow 2
        from airflow.models.dataset import DatasetEvent as AssetEvent
    with create_session() as session:
        made = session.query(AssetEvent).filter(
            AssetEvent.source_run_id == dag_run.run_id, AssetEvent.source_dag_id == dag_run.dag_id
        )
        return [(event.uri, getattr(event, "partition_key", None), event.extra) for event in made]


def main() -> None:
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed, be it by importing Airflow, is the log
    from airflow.__main__ import main as airflow  # it filters warnings, so it comes before our filters

    if not Path(os.environ["AIRFLOW_HOME"], "airflow.db").exists():
        migrate(airflow)
    for category in CATEGORIES:
        warnings.filterwarnings("error", category=category, module=r"airflow_provider_pachyderm\b")
    print("ready", file=replies, flush=True)
    for order in orders():
        try:
            reply = run(**order)
        except BaseException:
            reply = {"state": "raised", "error": traceback.format_exc()}
        print(json.dumps(reply), file=replies, flush=True)


if __name__ == "__main__":
    main()
