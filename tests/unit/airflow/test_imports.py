"""Parsing a DAG that uses the provider loads neither grpc nor protobuf, unless Airflow itself does."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROVIDER = """
import airflow_provider_pachyderm.fs.pfs
import airflow_provider_pachyderm.get_provider_info
import airflow_provider_pachyderm.hooks.pachyderm
import airflow_provider_pachyderm.operators.pachyderm
import airflow_provider_pachyderm.sensors.pachyderm
import airflow_provider_pachyderm.triggers.pachyderm
"""
AIRFLOW = """
from airflow.providers.common.compat.sdk import DAG, BaseHook, BaseOperator, BaseSensorOperator, Connection, conf
import airflow.providers.common.compat.connection
import airflow.triggers.base
"""
REPORT = """
import sys
print(*sorted(name for name in sys.modules if name == "grpc" or name.startswith(("grpc.", "google.protobuf"))))
"""


@pytest.fixture(scope="module")
def loaded_by_airflow() -> set[str]:
    return loaded(AIRFLOW)


def loaded(code: str) -> set[str]:
    result = subprocess.run([sys.executable, "-c", code + REPORT], capture_output=True, text=True, env=os.environ)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.splitlines()[-1].split())


def test_no_grpc_at_import(loaded_by_airflow: set[str]) -> None:
    assert loaded(AIRFLOW + PROVIDER) - loaded_by_airflow == set()


def test_no_grpc_when_the_example_is_parsed(loaded_by_airflow: set[str]) -> None:
    example = "import runpy, airflow.settings\nrunpy.run_path(airflow.settings.DAGS_FOLDER + '/pachyderm_ingest.py')\n"
    assert loaded(AIRFLOW + example) - loaded_by_airflow == set()


def test_what_waits_is_loaded_when_something_waits() -> None:
    late = (
        "airflow.triggers.shared_stream",
        "airflow_provider_pachyderm.client._config",
        "airflow_provider_pachyderm.triggers",
        "airflow_provider_pachyderm.waiting.hub",
        "airflow_provider_pachyderm.waiting.poll",
        "airflow_provider_pachyderm.waiting.shared_looks",
    )
    parsed = f"""
import sys
import airflow_provider_pachyderm.operators.pachyderm
import airflow_provider_pachyderm.sensors.pachyderm
print("loaded:", *(name for name in sys.modules if name.startswith({late})))
"""
    result = subprocess.run([sys.executable, "-c", AIRFLOW + parsed], capture_output=True, text=True, env=os.environ)
    assert result.stdout.splitlines()[-1] == "loaded:", result.stderr
