"""Pachyderm as object storage: what Airflow asks a provider's filesystem for.

.. code-block:: python

    base = ObjectStoragePath("pfs://pachyderm_default@images/master/raw")
    (base / "one.png").write_bytes(content)
    for path in base.iterdir():
        print(path, path.stat().st_size)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_pachyderm.fs.filesystem import PachydermFileSystem

schemes = ["pfs"]


def get_fs(conn_id: str | None, storage_options: dict[str, Any] | None = None) -> PachydermFileSystem:
    """Return the filesystem of the server that a connection names.

    :param conn_id: connection of type ``pachyderm``; None for ``pachyderm_default``
    :param storage_options: arguments of the filesystem, such as ``project``
    """
    from airflow_provider_pachyderm.fs.filesystem import PachydermFileSystem

    return PachydermFileSystem(**{"conn_id": conn_id} if conn_id else {}, **storage_options or {})
