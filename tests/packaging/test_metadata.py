"""What pip, Airflow and DAG authors see of the distribution."""

from __future__ import annotations

from importlib.metadata import distribution

import airflow_provider_pachyderm
from airflow_provider_pachyderm.get_provider_info import get_provider_info

DISTRIBUTION = distribution("airflow-provider-pachyderm")


def test_version_is_the_packages() -> None:
    assert DISTRIBUTION.version == airflow_provider_pachyderm.__version__


def test_provider_is_named_as_the_distribution() -> None:
    """Any other name breaks Airflow's discovery of all providers."""
    assert get_provider_info()["package-name"] == DISTRIBUTION.metadata["Name"]


def test_entry_points_load() -> None:
    points = {(point.group, point.name): point for point in DISTRIBUTION.entry_points}
    assert points["apache_airflow_provider", "provider_info"].load() is get_provider_info
    assert callable(points["console_scripts", "pachyderm-devserver"].load())
