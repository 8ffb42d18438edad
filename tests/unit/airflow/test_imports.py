"""Parsing a DAG that uses the provider loads neither grpc nor protobuf, unless Airflow itself does."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.airflow_home import EXAMPLE_DAGS

# one process: what a step loads is what was not there before it
STEPS = {
    "airflow": """
from airflow.providers.common.compat.sdk import DAG, BaseHook, BaseOperator, BaseSensorOperator, Connection, conf
import airflow.providers.common.compat.connection
import airflow.settings
import airflow.triggers.base
""",
    "example": f"""
import runpy
runpy.run_path({str(EXAMPLE_DAGS / "pachyderm_ingest.py")!r})
""",
    "operators and sensors": """
import airflow_provider_pachyderm.operators.pachyderm
import airflow_provider_pachyderm.sensors.pachyderm
import airflow_provider_pachyderm.task_groups.pachyderm
""",
    "all": """
import airflow_provider_pachyderm.fs.pfs
import airflow_provider_pachyderm.get_provider_info
import airflow_provider_pachyderm.hooks.pachyderm
import airflow_provider_pachyderm.triggers.pachyderm
""",
}
PROGRAM = """
import json, sys
loaded = {}
for step, code in json.loads(sys.stdin.read()).items():
    before = set(sys.modules)
    exec(code)
    loaded[step] = sorted(set(sys.modules) - before)
print(json.dumps(loaded))
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """Modules that each step was the first to load."""
    command = [sys.executable, "-c", PROGRAM]
    result = subprocess.run(command, input=json.dumps(STEPS), capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    modules: dict[str, list[str]] = json.loads(result.stdout.splitlines()[-1])
    assert "airflow_provider_pachyderm.operators.pachyderm" in modules["example"]
    return modules


@pytest.mark.parametrize("step", ["example", "operators and sensors", "all"])
def test_no_grpc(loaded: dict[str, list[str]], step: str) -> None:
    assert [name for name in loaded[step] if name == "grpc" or name.startswith(("grpc.", "google.protobuf"))] == []


def test_what_waits_is_loaded_when_something_waits(loaded: dict[str, list[str]]) -> None:
    late = (
        "airflow.triggers.shared_stream",
        "airflow_provider_pachyderm.client._config",
        "airflow_provider_pachyderm.triggers",
        "airflow_provider_pachyderm.waiting.hub",
        "airflow_provider_pachyderm.waiting.poll",
        "airflow_provider_pachyderm.waiting.shared_looks",
    )
    parsed = [*loaded["airflow"], *loaded["example"], *loaded["operators and sensors"]]
    assert "airflow_provider_pachyderm.sensors.pachyderm" in parsed
    assert [name for name in parsed if name.startswith(late)] == []
