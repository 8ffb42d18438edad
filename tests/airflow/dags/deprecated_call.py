"""Warns as if a module made a deprecated call."""

from __future__ import annotations

import warnings
from datetime import datetime

from airflow.providers.common.compat.sdk import DAG, task

with DAG("deprecated_call", schedule=None, start_date=datetime(2024, 1, 1), params={"module": ""}):

    @task
    def warn(params: dict[str, str]) -> None:
        warnings.warn_explicit("old", DeprecationWarning, "file", 1, module=params["module"])

    warn()
