"""Enough of a task's context to execute an operator as its first, second or cleared try."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any


def context_of(
    task: Any, *, try_number: int = 1, cleared: int = 0, run: str = "run-1", due: datetime | None = None
) -> dict[str, Any]:
    """Make a context; what the task pushes is in ``context["ti"].xcoms``.

    :param try_number: counts on through a clear
    :param cleared: number of the last try before the task was cleared
    :param due: when the run was due; an hour ago by default
    """
    due = due or datetime.now(timezone.utc) - timedelta(hours=1)
    xcoms: dict[str, Any] = {}
    ti = SimpleNamespace(
        dag_id="dag",
        run_id=run,
        task_id=task.task_id,
        map_index=-1,
        try_number=try_number,
        max_tries=cleared + task.retries,
        xcoms=xcoms,
        xcom_push=lambda key, value: xcoms.update({key: value}),
    )
    dag_run = SimpleNamespace(run_after=due, start_date=due)
    return {"ti": ti, "task": task, "dag_run": dag_run}


def run(task: Any, **context: Any) -> Any:
    """Execute an operator in a context of its own."""
    return task.execute(context_of(task, **context))
