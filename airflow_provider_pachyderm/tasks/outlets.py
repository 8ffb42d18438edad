"""What the asset events of a task say of the commit that it made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._compat import Asset

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context


def describe_events(context: Context, outlets: Iterable[object], extra: Mapping[str, Any], keys: Iterable[str]) -> None:
    """Describe the asset events that Airflow makes when the task has succeeded.

    :param outlets: of the task; what is no asset, such as an alias, is left alone
    :param extra: of the events; what is in theirs under other names stays
    :param keys: partition keys (Airflow 3.3 and later); an event for each
    """
    for outlet in outlets:
        if isinstance(outlet, Asset):
            event: Any = context["outlet_events"][outlet]
            event.extra = {**event.extra, **extra}
            for key in keys:
                event.add_partitions(key)
