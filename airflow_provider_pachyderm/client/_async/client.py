"""The client. ``_sync/client.py`` is generated from this file by ``tools/unasync.py``."""

from __future__ import annotations

from dataclasses import replace
from types import TracebackType

from airflow_provider_pachyderm.client._async.commit_sets import AsyncCommitSetCalls
from airflow_provider_pachyderm.client._async.modify import AsyncModifyCalls
from airflow_provider_pachyderm.client._async.projects import AsyncProjectCalls
from airflow_provider_pachyderm.client._async.reading import AsyncReadCalls
from airflow_provider_pachyderm.client._async.repos import AsyncRepoCalls
from airflow_provider_pachyderm.client._async.transactions import AsyncTransactionCalls
from airflow_provider_pachyderm.client._config import ClientConfig
from airflow_provider_pachyderm.client._errors import InvalidConfig
from airflow_provider_pachyderm.client._models import Version


class AsyncPfsClient(
    AsyncProjectCalls,
    AsyncRepoCalls,
    AsyncCommitSetCalls,
    AsyncTransactionCalls,
    AsyncModifyCalls,
    AsyncReadCalls,
):
    """A client of Pachyderm's file system, for servers of 1.x and 2.x alike.

    Nothing connects before the first call, which asks the server for its version. All calls raise
    :class:`PachydermError` or, for bad arguments, its subclass :class:`InvalidRequest` before anything is sent.

    A ``commit`` argument is ``(repo, branch)``, ``(repo, commit_id)``, ``"repo/branch"``, ``"repo/commit_id"``,
    ``"repo@branch"``, ``"project/repo@branch=id"``, a :class:`Commit` or a :class:`CommitInfo`; a ``repo_name`` is
    ``"repo"``, ``"project/repo"``, either with ``.spec`` or ``.meta`` behind it, or a :class:`Repo`.

    Files are listed in the order of their paths, segment by segment. 2.x servers go by the bytes of the whole path:
    there, names that share what is before a ``-``, a ``.`` or the like come together, when the first name without that
    prefix has come or the list has ended.

    :param host: name or address of the server, or ``grpcs://host:port``. If neither this nor ``config`` is given:
        ``PACHD_ADDRESS``, else ``PACHD_SERVICE_HOST`` and ``PACHD_SERVICE_PORT_API_GRPC_PORT``, else localhost.
    :param port: 30650 by default.
    :param config: all settings in one; the other arguments win over it.
    :param auth_token: Pachyderm session token.
    :param project: project of bare repo names (2.5 and later).
    :param tls: encrypt the connection.
    :param version: server version such as ``"2.11.6"``, to spare asking for it.
    :param timeout: deadline of one plain call, in seconds.
    """

    def __init__(
        self,
        host: str | None = None,
        port: int | None = None,
        *,
        config: ClientConfig | None = None,
        auth_token: str | None = None,
        project: str | None = None,
        tls: bool | None = None,
        version: Version | str | None = None,
        timeout: float | None = None,
    ) -> None:
        given = {
            "port": port,
            "auth_token": auth_token,
            "project": project,
            "tls": tls,
            "version": version,
            "timeout": timeout,
        }
        settings = {name: value for name, value in given.items() if value is not None}
        if host is not None and config is not None:
            raise InvalidConfig("the host is given twice: as an argument and in config")
        if host is not None:
            config = ClientConfig(host=host, **settings)  # type: ignore[arg-type]
        else:
            config = replace(config or ClientConfig.from_env(), **settings)  # type: ignore[arg-type]
        super().__init__(config)

    async def close(self) -> None:
        """Close all connections. Calls after it raise :class:`ClientClosed`."""
        await self._session.close()

    async def __aenter__(self) -> AsyncPfsClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def version(self) -> Version:
        """Give the version of the server (GetVersion), as it reports it."""
        return await self._session.version()
