"""The only file that knows Airflow versions: 2.11 and 3.x are one to the rest of the provider."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

from airflow.providers.common.compat.connection import get_async_connection
from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowSensorTimeout,
    BaseHook,
    BaseOperator,
    BaseSensorOperator,
    Connection,
    Context,
    PokeReturnValue,
    conf,
)

__all__ = [
    "AirflowException",
    "AirflowSensorTimeout",
    "BaseHook",
    "BaseOperator",
    "BaseSensorOperator",
    "Connection",
    "Context",
    "PokeReturnValue",
    "conf",
    "get_async_connection",
    "get_async_extra",
    "run_start",
]


async def get_async_extra(connection: Connection) -> dict[str, Any]:
    """Return a connection's extra inside an event loop.

    The plain property masks secrets with a blocking call to Airflow's supervisor, which fails there when another call
    is under way.
    """
    try:
        from airflow.providers.common.compat.connection import get_async_extra_dejson
    except ImportError:  # common-compat before 1.22, which Python 3.10 stays on
        return await asyncio.to_thread(lambda: connection.extra_dejson)
    return await get_async_extra_dejson(connection)


def run_start(context: Context) -> datetime:
    """Return when the DAG run was due: fixed when the run is made, the same for every try, poke and process.

    :param context: the task's context
    :return: ``run_after`` on Airflow 3; on 2.11 the end of the data interval for scheduled and backfill runs, else the
        logical date
    """
    run: Any = context["dag_run"]
    if hasattr(run, "run_after"):
        start: datetime = run.run_after
    elif run.run_type in ("scheduled", "backfill"):
        start = run.data_interval_end
    else:
        start = run.logical_date
    return start
