"""What Airflow learns about this provider: pure data, loaded by every Airflow process."""

from __future__ import annotations

from typing import Any

from airflow_provider_pachyderm.hooks import _form

_NAME = "Pachyderm"
_LINKS = "airflow_provider_pachyderm.links.pachyderm"
_ASSETS = "airflow_provider_pachyderm.assets.pachyderm"
_ASSET_URIS = {
    "schemes": ["pachyderm"],
    "handler": f"{_ASSETS}.sanitize_uri",
    "factory": f"{_ASSETS}.create_asset",
    "to_openlineage_converter": f"{_ASSETS}.convert_asset_to_openlineage",
}


def get_provider_info() -> dict[str, Any]:
    """Return the provider metadata; Airflow finds this function through the ``apache_airflow_provider`` entry point."""
    return {
        # Another name than the distribution's breaks the discovery of every provider, not just of this one.
        "package-name": "airflow-provider-pachyderm",
        "name": _NAME,
        "description": "`Pachyderm <https://www.pachyderm.com/>`__: versioned data in repos, branches and commits.\n",
        "integrations": [
            {"integration-name": _NAME, "external-doc-url": "https://docs.pachyderm.com/", "tags": ["service"]},
        ],
        "operators": _modules("operators"),
        "sensors": _modules("sensors"),
        "hooks": _modules("hooks"),
        "triggers": _modules("triggers"),
        "asset-uris": [_ASSET_URIS],
        "dataset-uris": [_ASSET_URIS],  # what Airflow 2.11 reads
        "task-decorators": [
            {"name": "pachyderm", "class-name": "airflow_provider_pachyderm.decorators.pachyderm.pachyderm_task"},
            {
                "name": "pachyderm_worker",
                "class-name": "airflow_provider_pachyderm.decorators.pachyderm.pachyderm_worker_task",
            },
        ],
        "extra-links": [f"{_LINKS}.Pachyderm{place}Link" for place in ("Repo", "Branch", "Commit", "File", "Job")],
        "filesystems": ["airflow_provider_pachyderm.fs.pfs"],
        "connection-types": [
            {
                "connection-type": _form.CONNECTION_TYPE,
                "hook-class-name": "airflow_provider_pachyderm.hooks.pachyderm.PachydermHook",
                "hook-name": _form.HOOK_NAME,
                "conn-fields": _form.conn_fields(),
                "ui-field-behaviour": _form.ui_field_behaviour(),
            }
        ],
    }


def _modules(kind: str) -> list[dict[str, Any]]:
    return [{"integration-name": _NAME, "python-modules": [f"airflow_provider_pachyderm.{kind}.pachyderm"]}]
