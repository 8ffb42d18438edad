"""What Airflow is told about the provider fits Airflow's own schemas and the code."""

from __future__ import annotations

import importlib
import json
from importlib.metadata import distribution
from importlib.resources import files
from typing import Any

import airflow
import jsonschema
import pytest
from airflow.providers_manager import ProvidersManager

from airflow_provider_pachyderm._compat import Asset
from airflow_provider_pachyderm.get_provider_info import get_provider_info
from airflow_provider_pachyderm.hooks._form import EXTRA_FIELDS
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook

NEWEST_SCHEMA = "conn-fields" in files(airflow).joinpath("provider.yaml.schema.json").read_text()


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(files(airflow).joinpath(name).read_text())
    return loaded


def test_package_name_is_that_of_the_distribution() -> None:
    assert get_provider_info()["package-name"] == distribution("airflow-provider-pachyderm").metadata["Name"]


def test_it_fits_the_runtime_schema() -> None:
    jsonschema.validate(get_provider_info(), schema("provider_info.schema.json"))


@pytest.mark.skipif(not NEWEST_SCHEMA, reason="this Airflow's strict schema does not know conn-fields")
@pytest.mark.parametrize(
    "key",
    [
        "asset-uris", "connection-types", "dataset-uris", "extra-links", "filesystems", "hooks", "integrations",
        "operators", "sensors", "triggers",
    ],
)  # fmt: skip
def test_each_part_fits_the_strict_schema(key: str) -> None:
    strict = schema("provider.yaml.schema.json")
    jsonschema.validate(get_provider_info()[key], {**strict["properties"][key], "definitions": strict["definitions"]})


def test_every_module_named_exists() -> None:
    info = get_provider_info()
    for kind in ("hooks", "operators", "sensors", "triggers"):
        for entry in info[kind]:
            assert entry["integration-name"] in {
                integration["integration-name"] for integration in info["integrations"]
            }
            for module in entry["python-modules"]:
                assert importlib.import_module(module)


def test_airflow_finds_the_provider_and_its_links() -> None:
    manager = ProvidersManager()
    assert "airflow-provider-pachyderm" in manager.providers
    assert set(get_provider_info()["extra-links"]) <= set(manager.extra_links_class_names)


def test_airflow_cleans_the_uris_of_assets() -> None:
    assert Asset(uri="pachyderm://PACHD:30650/default/images/master/").uri == "pachyderm://pachd/default/images/master"
    with pytest.raises((ValueError, UserWarning), match="does not name a branch"):  # 2.11 warns
        Asset(uri="pachyderm://pachd/images")


def test_connection_type_is_that_of_the_hook() -> None:
    (connection,) = get_provider_info()["connection-types"]
    module, _, name = connection["hook-class-name"].rpartition(".")
    assert getattr(importlib.import_module(module), name) is PachydermHook
    assert (connection["connection-type"], connection["hook-name"]) == (
        PachydermHook.conn_type,
        PachydermHook.hook_name,
    )
    assert "__" not in connection["connection-type"]  # the connection form splits on it


def test_form_of_old_and_new_airflow_is_one() -> None:
    (connection,) = get_provider_info()["connection-types"]
    assert set(connection["conn-fields"]) == {field.key for field in EXTRA_FIELDS}
    behaviour = PachydermHook.get_ui_field_behaviour()
    assert {key.replace("_", "-"): value for key, value in behaviour.items()} == connection["ui-field-behaviour"]


def test_widgets_of_old_airflow() -> None:
    pytest.importorskip("flask_appbuilder", reason="Airflow 3 builds the form from the metadata")
    assert set(PachydermHook.get_connection_form_widgets()) == {field.key for field in EXTRA_FIELDS}


@pytest.mark.skipif(NEWEST_SCHEMA, reason="Airflow 3.2 and later read the metadata")
def test_behaviour_fits_the_schema_of_old_airflow() -> None:
    jsonschema.validate(PachydermHook.get_ui_field_behaviour(), schema("customized_form_field_behaviours.schema.json"))
