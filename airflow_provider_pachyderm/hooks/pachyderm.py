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
    running_context,
)
from airflow_provider_pachyderm._urls import masked
from airflow_provider_pachyderm.client import InvalidConfig, RetryPolicy
from airflow_provider_pachyderm.hooks import _form
from airflow_provider_pachyderm.hooks._secrets import secrets_of_config, secrets_of_connection
from airflow_provider_pachyderm.tasks.blocks import reading, writing
from airflow_provider_pachyderm.tasks.commit_starter import OPEN_COMMIT_TIMEOUT

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Connection
    from airflow_provider_pachyderm.client import AsyncPfsClient, ClientConfig, CommitLike, PfsClient
    from airflow_provider_pachyderm.tasks.blocks import CommitToRead, CommitToWrite
    from airflow_provider_pachyderm.tasks.commit_starter import OpenCommit

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

    @contextmanager
    def read(self, commit: CommitLike) -> Iterator[CommitToRead]:
        """Give a finished commit to read from in a ``with`` block: the same files, whatever is committed meanwhile.

        .. code-block:: python

            with PachydermHook().read("images@master") as images:
                frame = pandas.read_parquet(images.url("/sizes.parquet"))

        Every call of a client takes it as a commit, those of its own ``images.client``, too, and ``str(images)`` is its
        reference. The task reports it as its input for lineage. A retry reads what is the newest commit then.

        Pachyderm calls: ListCommit, InspectCommit.

        :param commit: a branch, whose newest finished commit is meant, or a commit: ``repo@branch``, ``repo@id``
        :raises BranchHasNoHead: the branch has no finished commit; one that was never written to may not even exist
        :raises CommitNotFinished: the commit is open
        :raises CommitFailed: the commit was finished with an error
        """
        with self.client() as client, reading(self, client, commit) as pinned:
            yield pinned

    @contextmanager
    def write(
        self,
        commit: CommitLike,
        *,
        description: str | None = None,
        open_commit: OpenCommit = "wait",
        open_commit_timeout: float = OPEN_COMMIT_TIMEOUT,
    ) -> Iterator[CommitToWrite]:
        """Give an open commit to write to in a ``with`` block: its end finishes it, an error in it drops it.

        .. code-block:: python

            with PachydermHook().write("sizes@master") as sizes:
                frame.to_parquet(sizes.url("/sizes.parquet"))
                sizes.client.put_file_bytes(sizes, "/note.txt", b"done")

        In a task, the commit belongs to it as that of an operator does: a retry drops what a killed try left open, and
        does not make a second commit if an earlier try has finished one. As Python runs the block again all the same,
        it writes to a commit then that is dropped at its end. Several blocks in a task make a commit each; a retry
        tells those on one branch by their order.

        In a script that is no task, nothing runs the block again, and a script that is killed leaves its commit open
        until somebody drops it.

        Pachyderm calls: StartCommit, FinishCommit, InspectCommit; ListCommit in a retry; to drop, DeleteCommit or
        DropCommitSet.

        :param commit: the branch, as ``repo@branch``, which is created if missing. An open commit, given with its ID,
            is written to and stays open, whatever happens in the block
        :param description: text to add to the commit's description
        :param open_commit: what to do about another writer's open commit: ``wait`` for it; ``drop_ours`` drops one that
            the same task started in another run, if Airflow reports that it ended there; ``fail`` fails at once
        :param open_commit_timeout: seconds to wait for it before failing
        :raises CommitNotFinished: another writer's commit stayed open, or an outer block writes to the branch
        :raises CommitFinished: a commit was given that is finished
        :raises CommitFailed: the server refused what was written
        """
        with (
            self.client() as client,
            writing(
                self,
                client,
                commit,
                context=running_context(),
                description=description,
                open_commit=open_commit,
                open_commit_timeout=open_commit_timeout,
            ) as opened,
        ):
            yield opened

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
