"""What pip, Airflow and DAG authors see of the distribution."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path

import airflow
import jsonschema
import pytest
import yaml

import airflow_provider_pachyderm
from airflow_provider_pachyderm.get_provider_info import get_provider_info

DISTRIBUTION = distribution("airflow-provider-pachyderm")
PACKAGE = Path(airflow_provider_pachyderm.__file__).parent


def test_version_is_the_packages() -> None:
    assert DISTRIBUTION.version == airflow_provider_pachyderm.__version__


def test_provider_is_named_as_the_distribution() -> None:
    """Any other name breaks Airflow's discovery of all providers."""
    assert get_provider_info()["package-name"] == DISTRIBUTION.metadata["Name"]


def test_entry_points_load() -> None:
    points = {(point.group, point.name): point for point in DISTRIBUTION.entry_points}
    assert points["apache_airflow_provider", "provider_info"].load() is get_provider_info
    assert callable(points["console_scripts", "pachyderm-devserver"].load())


def test_provider_yaml_says_what_airflow_reads() -> None:
    """Airflow's own tools read the file, and Airflow calls the function; `make check-docs` has the rest of it."""
    assert get_provider_info().items() <= _provider_yaml().items()
    assert _provider_yaml()["versions"] == [airflow_provider_pachyderm.__version__]


def test_provider_yaml_is_as_airflow_defines_it() -> None:
    schema = json.loads(Path(airflow.__path__[0], "provider.yaml.schema.json").read_text())
    if "asset-uris" not in schema["properties"]:
        pytest.skip("the schema of Airflow 2 is that of its own repository in its day")
    jsonschema.validate(_provider_yaml(), schema)


def _provider_yaml() -> dict[str, object]:
    read: dict[str, object] = yaml.safe_load((PACKAGE / "provider.yaml").read_text())
    return read
