"""What tasks need of a hook. The hook stands on what is here, so it cannot be imported."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client import ClientConfig, PfsClient


class Connected(Protocol):
    """A hook, as far as tasks need it."""

    pachyderm_conn_id: str
    project: str | None

    def config(self) -> ClientConfig:
        """Return the connection as a client configuration."""

    def client(self) -> AbstractContextManager[PfsClient]:
        """Make a client for a ``with`` block."""
