"""The hook: an Airflow connection becomes a Pachyderm client."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._compat import (
    BaseHook,
    get_async_connection,
    get_async_extra,
    mask_secrets,
    mask_secrets_async,
)
from airflow_provider_pachyderm._urls import masked
from airflow_provider_pachyderm.client import InvalidConfig, RetryPolicy
from airflow_provider_pachyderm.hooks import _form
from airflow_provider_pachyderm.hooks._secrets import secrets_of_config, secrets_of_connection

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Connection
    from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig, PfsClient

__all__ = ["PachydermHook"]

# Airflow's API server runs the connection test and waits for it: five calls, within 10 s.
_TEST_DEADLINE = 2.0
_ASYNC_CLIENT = "airflow_provider_pachyderm.client._async.client"


class PachydermHook(BaseHook):
    """Make Pachyderm clients from an Airflow connection of type ``pachyderm``.

    Host and port are those of pachd, the password is the auth token; TLS, the default project and other settings are in
    extra, see the connection form. The environment is never read.

    .. code-block:: python

        with PachydermHook().client() as client:
            client.list_repo()

    :param pachyderm_conn_id: the connection to use
    :param project: default project of repos that are named without one, instead of the connection's
    """

    conn_name_attr = "pachyderm_conn_id"
    default_conn_name = "pachyderm_default"
    conn_type = _form.CONNECTION_TYPE
    hook_name = _form.HOOK_NAME

    def __init__(self, pachyderm_conn_id: str = default_conn_name, *, project: str | None = None) -> None:
        super().__init__()
        self.pachyderm_conn_id = pachyderm_conn_id
        self.project = project

    def config(self) -> ClientConfig:
        """Return the connection as a client configuration. The connection is read once.

        :raises InvalidConfig: if the connection cannot be used; the message says what to fill in
        """
        return self._read_config

    @property
    def console_url(self) -> str | None:
        """The address of the Pachyderm console, if the connection has one."""
        from airflow_provider_pachyderm.hooks._config import console_url

        return console_url(self._connection.extra_dejson)

    @cached_property
    def _read_config(self) -> ClientConfig:
        connection, extra = self._connection, self._connection.extra_dejson
        mask_secrets(secrets_of_connection(connection, extra))
        config = self._config(connection, extra)
        mask_secrets(secrets_of_config(config))
        return config

    @cached_property
    def _connection(self) -> Connection:
        return self.get_connection(self.pachyderm_conn_id)

    async def async_config(self) -> ClientConfig:
        """Return the connection as a client configuration, in an event loop."""
        connection = await get_async_connection(self.pachyderm_conn_id)
        extra = await get_async_extra(connection)
        await mask_secrets_async(secrets_of_connection(connection, extra))
        config = self._config(connection, extra)
        await mask_secrets_async(secrets_of_config(config))
        return config

    def get_conn(self) -> PfsClient:
        """Return a new client, which the caller closes. It connects with its first call."""
        from airflow_provider_pachyderm.client import PfsClient

        return PfsClient(config=_retrying_from_start(self.config()))

    @contextmanager
    def client(self) -> Iterator[PfsClient]:
        """Make a client for a ``with`` block, which closes it."""
        with self.get_conn() as client:
            yield client

    @asynccontextmanager
    async def async_client(self) -> AsyncIterator[AsyncPfsClient]:
        """Make a client of the running event loop, for triggers and ``async def`` tasks."""
        await load_async_client()
        from airflow_provider_pachyderm.client import AsyncPfsClient

        async with AsyncPfsClient(config=_retrying_from_start(await self.async_config())) as client:
            yield client

    def test_connection(self) -> tuple[bool, str]:
        """Ask the server for its version, the current user and its repos, as the Test button of the form does.

        :return: whether it worked, with the answer or the error; within 10 s, and never an exception
        """
        from airflow_provider_pachyderm.client import PfsClient

        try:
            config = self.config()
            once = RetryPolicy(deadline=0)
            short = dataclasses.replace(config, timeout=_TEST_DEADLINE, connect_timeout=_TEST_DEADLINE, retry=once)
            with PfsClient(config=short) as client:
                version = client.version()  # is told to anyone
                user = _who(client)
                if config.project:
                    client.inspect_project(config.project)
                client.list_repo()
        except Exception as error:
            return False, masked(f"{type(error).__name__}: {error}")
        return True, f"Pachyderm {version} at {config.target}, TLS {'on' if config.tls else 'off'}, {user}"

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Return the extra fields of the connection form (Airflow 2.11 to 3.1)."""
        return _form.form_widgets()

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Return how the connection form shows the common fields (Airflow 2.11 to 3.1)."""
        return {key.replace("-", "_"): value for key, value in _form.ui_field_behaviour().items()}

    def _config(self, connection: Connection, extra: Mapping[str, Any]) -> ClientConfig:
        from airflow_provider_pachyderm.hooks._config import client_config

        try:
            return client_config(connection, extra, project=self.project)
        except InvalidConfig as error:
            raise InvalidConfig(f"Connection {self.pachyderm_conn_id!r}: {error}") from error


async def load_async_client() -> None:
    """Import the asynchronous client, and gRPC with it, in a thread.

    The first import takes a second or so, and Airflow warns when the loop of its triggerer is blocked for 0.2 s.
    """
    if _ASYNC_CLIENT not in sys.modules:
        await asyncio.to_thread(import_module, _ASYNC_CLIENT)


def _retrying_from_start(config: ClientConfig) -> ClientConfig:
    """Retry the first call as the others: a task may start while the server is restarting."""
    return dataclasses.replace(config, retry=dataclasses.replace(config.retry, from_start=True))


def _who(client: PfsClient) -> str:
    if not client.is_auth_active():
        return "authentication off"
    return f"as {client.who_am_i().username}"
