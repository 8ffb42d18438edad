"""The other end of ``airflow_runs``: runs the DAGs it is told to, a JSON line in, a JSON line out."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from typing import Any

# Deprecated calls that we make are errors; Airflow's own are its business.
CATEGORIES = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


def migrate() -> None:
    """Make the database, in a process of its own: on Airflow 2.11 it turns the log down."""
    from airflow.__main__ import main as airflow

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


def run(file: str, dag: str, conf: dict[str, Any]) -> dict[str, Any]:
    bag = load(file)
    if bag.import_errors:
        return {"state": "not imported", "error": "\n".join(bag.import_errors.values())}
    dag_run = bag.dags[dag].test(run_conf=conf)
    tasks: dict[str, list[str]] = {}
    for ti in sorted(dag_run.get_task_instances(), key=lambda ti: ti.map_index):
        tasks.setdefault(ti.task_id, []).append(str(ti.state))
    return {"state": str(dag_run.state), "tasks": tasks}


def main() -> None:
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed, be it by importing Airflow, is the log
    migrate()
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
