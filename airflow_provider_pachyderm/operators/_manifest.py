"""Long lists go to a file of their own: XComs are for small values."""

from __future__ import annotations

import json
from typing import Any

from airflow_provider_pachyderm.operators._destinations import replacing
from airflow_provider_pachyderm.operators._sources import path_like

MOST_LISTED = 1000


def write_manifest(place: str, listed: Any) -> str:
    """Write a list as JSON and return where it is.

    :param place: local path, or URL such as ``s3://conn_id@bucket/key``
    """
    target = path_like(place)
    with replacing(target) as file:
        file.write(json.dumps(listed).encode())
    return place if "://" in place else str(target)
