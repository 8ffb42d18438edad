"""The only file that knows Airflow versions: 2.11 and 3.x are one to the rest of the provider."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import suppress
from datetime import datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from airflow.providers.common.compat.connection import get_async_connection
from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    AirflowSensorTimeout,
    AirflowSkipException,
    Asset,
    BaseHook,
    BaseOperator,
    BaseOperatorLink,
    BaseSensorOperator,
    Connection,
    Context,
    PokeReturnValue,
    TaskGroup,
    TaskInstanceKey,
    XCom,
    conf,
)

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack  # which Airflow 3 requires, and pydantic, which Airflow 2.11 requires

if TYPE_CHECKING:
    from airflow.sdk import DAG
    from airflow.sdk import ObjectStoragePath as ObjectStoragePath
    from airflow.sdk.definitions.retry_policy import RetryPolicy
    from airflow.sdk.types import WeightRuleParam
    from airflow.triggers.base import BaseEventTrigger
    from airflow.triggers.shared_stream import AdvanceItem as AdvanceItem
    from airflow.triggers.shared_stream import SharedStreamProducer

__all__ = [
    "ARGUMENTS_OF_SOME",
    "DEFERRABLE",
    "LINKS_ARE_ASKED_OF_WORKERS",
    "AirflowArguments",
    "AirflowException",
    "AirflowFailException",
    "AirflowSensorTimeout",
    "AirflowSkipException",
    "Asset",
    "BaseEventTrigger",
    "BaseHook",
    "BaseOperator",
    "BaseOperatorLink",
    "BaseSensorOperator",
    "Connection",
    "Context",
    "DecoratorArguments",
    "PokeReturnValue",
    "SensorArguments",
    "SharedStreamProducer",
    "TaskGroup",
    "TaskInstanceKey",
    "Unpack",
    "XCom",
    "conf",
    "get_async_connection",
    "get_async_extra",
    "get_hook_lineage_collector",
    "mask_secrets",
    "mask_secrets_async",
    "object_storage_path",
    "read_state",
    "require_partition_keys",
    "run_and_task_states",
    "run_start",
    "running_context",
    "running_task",
    "task_timeout_error",
    "write_state",
]


_Callbacks: TypeAlias = "Callable[[Context], None] | list[Callable[[Context], None]] | None"


class _Named(TypedDict):
    task_id: str


class _Optional(TypedDict, total=False):
    owner: str
    email: str | list[str] | None
    email_on_retry: bool
    email_on_failure: bool
    retries: int | None
    retry_delay: timedelta | float
    retry_exponential_backoff: float
    max_retry_delay: timedelta | float | None
    retry_policy: RetryPolicy | None
    start_date: datetime | None
    end_date: datetime | None
    depends_on_past: bool
    ignore_first_depends_on_past: bool
    wait_for_past_depends_before_skipping: bool
    wait_for_downstream: bool
    dag: DAG | None
    params: MutableMapping[str, Any] | None
    default_args: dict[str, Any] | None
    priority_weight: int
    weight_rule: WeightRuleParam
    queue: str
    pool: str | None
    pool_slots: int
    sla: timedelta | None
    execution_timeout: timedelta | None
    on_execute_callback: _Callbacks
    on_failure_callback: _Callbacks
    on_success_callback: _Callbacks
    on_retry_callback: _Callbacks
    on_skipped_callback: _Callbacks
    pre_execute: Callable[[Context], None] | None
    post_execute: Callable[[Context, Any], None] | None
    trigger_rule: str
    resources: dict[str, Any] | None
    run_as_user: str | None
    task_concurrency: int | None
    map_index_template: str | None
    max_active_tis_per_dag: int | None
    max_active_tis_per_dagrun: int | None
    executor: str | None
    executor_config: dict[str, Any] | None
    do_xcom_push: bool
    multiple_outputs: bool
    inlets: Any
    outlets: Any
    task_group: TaskGroup | None
    doc: str | None
    doc_md: str | None
    doc_json: str | None
    doc_yaml: str | None
    doc_rst: str | None
    task_display_name: str | None
    logger_name: str | None
    allow_nested_operators: bool
    render_template_as_native_obj: bool | None


class AirflowArguments(_Named, _Optional):
    """The arguments of ``BaseOperator``, so that type checkers find a misspelt one among those of an operator."""


class DecoratorArguments(_Optional, total=False):
    """The arguments of a decorator of tasks; a task is named as its function unless told otherwise."""

    task_id: str


class SensorArguments(AirflowArguments, total=False):
    """The arguments of ``BaseSensorOperator`` and ``BaseOperator``."""

    poke_interval: timedelta | float
    timeout: timedelta | float
    soft_fail: bool
    mode: Literal["poke", "reschedule"]
    exponential_backoff: bool
    max_wait: timedelta | float | None
    silent_fail: bool
    never_fail: bool


# Those that not every Airflow has; it says itself that it does not know one.
ARGUMENTS_OF_SOME = {
    "render_template_as_native_obj": ">=3.2",
    "retry_policy": ">=3.3",
    "task_concurrency": "<3",
}

# from Airflow 3.3 back to 2
_MASKERS = ("airflow.sdk.log", "airflow.sdk.execution_time.secrets_masker", "airflow.utils.log.secrets_masker")

# Whether what can wait in the triggerer does so unless told otherwise.
DEFERRABLE: bool = conf.getboolean("operators", "default_deferrable", fallback=False)

# Airflow 3 asks the worker when a task has ended, and keeps the answer as an XCom; on 2.11 the UI asks.
LINKS_ARE_ASKED_OF_WORKERS = BaseOperator.__module__.startswith("airflow.sdk")


def __getattr__(name: str) -> Any:
    """Import what only triggers need when they ask for it: to parse a DAG it is not needed, and costs time."""
    if name in _FOR_TRIGGERS:
        return _FOR_TRIGGERS[name]()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _event_trigger() -> type:
    try:
        from airflow.triggers.base import BaseEventTrigger
    except ImportError:  # Airflow 2: such a trigger can be imported there, nothing starts it
        from airflow.triggers.base import BaseTrigger

        return BaseTrigger
    return BaseEventTrigger


def _shared_stream_producer() -> type:
    try:
        from airflow.triggers.shared_stream import SharedStreamProducer
    except ImportError:  # before Airflow 3.3: nothing asks for one
        return object
    return SharedStreamProducer


_FOR_TRIGGERS = {"BaseEventTrigger": _event_trigger, "SharedStreamProducer": _shared_stream_producer}


def get_hook_lineage_collector() -> Any:
    """Return what gathers the assets that hooks read and write; it does nothing while nobody asks for them."""
    from airflow.providers.common.compat.lineage.hook import get_hook_lineage_collector

    return get_hook_lineage_collector()  # type: ignore[no-untyped-call]


def mask_secrets(secrets: Iterable[str]) -> None:
    """Let Airflow mask these texts in the logs and rendered fields of the running task.

    :param secrets: nothing short, as Airflow 2 masks it within every word
    """
    mask_secret = _mask_secret()
    for secret in secrets:
        mask_secret(secret)


async def mask_secrets_async(secrets: Iterable[str]) -> None:
    """Do the same inside an event loop, where the plain call could wait for itself."""
    try:
        from airflow.sdk.log import amask_secret
    except ImportError:  # before Airflow 3.3
        mask_secrets(secrets)
        return
    for secret in secrets:
        await amask_secret(secret)


def _mask_secret() -> Callable[[str], None]:
    for place in _MASKERS:
        with suppress(ImportError, AttributeError):
            mask_secret: Callable[[str], None] = import_module(place).mask_secret
            return mask_secret
    raise ImportError(f"this Airflow has no mask_secret in {', '.join(_MASKERS)}")


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


def running_context() -> Context | None:
    """Return the context of the task that this process runs, or None."""
    try:
        from airflow.providers.common.compat.sdk import get_current_context

        return get_current_context()
    except (AirflowException, ImportError, RuntimeError):
        return None


def running_task() -> Any:
    """Return the task instance that this process runs, or None."""
    context = running_context()
    return context["ti"] if context else None


def task_timeout_error() -> type[BaseException]:
    """Return what Airflow raises in a task whose ``execution_timeout`` is over; it is no ``Exception``."""
    place = "airflow.sdk.exceptions" if LINKS_ARE_ASKED_OF_WORKERS else "airflow.exceptions"
    raised: type[BaseException] = import_module(place).AirflowTaskTimeout
    return raised


def object_storage_path(url: str) -> ObjectStoragePath:
    """Make a path of object storage, whose class is imported only here, as DAGs are parsed without it."""
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    return ObjectStoragePath(url)


def require_partition_keys(argument: str) -> None:
    """Refuse an argument that needs keys of asset events.

    :raises ValueError: before Airflow 3.3, where tasks cannot give any
    """
    try:
        from airflow.sdk import PartitionedAtRuntime  # noqa: F401  (came with them)
    except ImportError as error:
        raise ValueError(f"{argument} needs Airflow 3.3 or later: asset events of tasks have no key before") from error


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


def run_and_task_states(ti: Any, dag_id: str, run_id: str, task_id: str, map_index: int) -> tuple[str, str]:
    """Return how a DAG run and a task instance in it stand, as Airflow's words; empty for what is gone.

    :param ti: the task instance that runs, which asks
    :raises Exception: Airflow did not tell
    """
    if not hasattr(ti, "get_dagrun_state"):
        return _states_in_database(dag_id, run_id, task_id, map_index)
    if not ti.get_dr_count(dag_id=dag_id, run_ids=[run_id]):
        return "", ""
    index = map_index if map_index >= 0 else None
    found = ti.get_task_states(dag_id=dag_id, map_index=index, task_ids=[task_id], run_ids=[run_id])
    states = [_word(state) for state in found.get(run_id, {}).values() if state]
    return _word(ti.get_dagrun_state(dag_id, run_id)), states[0] if states else ""


def _states_in_database(dag_id: str, run_id: str, task_id: str, map_index: int) -> tuple[str, str]:
    """Ask as tasks of Airflow 2 may."""
    from airflow.models import DagRun

    runs = DagRun.find(dag_id=dag_id, run_id=run_id)
    if not runs:
        return "", ""
    instance = runs[0].get_task_instance(task_id, map_index=map_index)
    return _word(runs[0].state), _word(instance.state) if instance and instance.state else ""


def _word(state: Any) -> str:
    """Return the word for a state, which is a member of an enumeration or the word itself, as tasks are told either."""
    return str(getattr(state, "value", state))


async def read_state(store: Any, key: str) -> Any:
    """Return what is in the state store of an asset, or None.

    :param store: ``asset_state_store`` of a trigger (Airflow 3.3 and later)
    :param key: name of the value
    """
    if hasattr(store, "aget"):
        return await store.aget(key)
    return await asyncio.to_thread(store.get, key)  # 3.3.0 and 3.3.1


async def write_state(store: Any, key: str, value: Any) -> None:
    """Put something into the state store of an asset.

    :param store: as of ``read_state``
    :param key: name of the value
    :param value: plain values, not None
    """
    if hasattr(store, "aset"):
        await store.aset(key, value)
    else:
        await asyncio.to_thread(store.set, key, value)
