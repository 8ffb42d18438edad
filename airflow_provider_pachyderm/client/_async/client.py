"""The client. ``_sync/client.py`` is generated from this file by ``tools/unasync.py``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from airflow_provider_pachyderm.client._async.archives import AsyncArchiveCalls
from airflow_provider_pachyderm.client._async.auth import AsyncAuthCalls
from airflow_provider_pachyderm.client._async.branches import AsyncBranchCalls
from airflow_provider_pachyderm.client._async.commit_sets import AsyncCommitSetCalls
from airflow_provider_pachyderm.client._async.commits import AsyncCommitCalls
from airflow_provider_pachyderm.client._async.downloads import AsyncDownloadCalls
from airflow_provider_pachyderm.client._async.file_sets import AsyncFileSetCalls
from airflow_provider_pachyderm.client._async.file_system import AsyncFileSystemCalls
from airflow_provider_pachyderm.client._async.files import AsyncFileCalls
from airflow_provider_pachyderm.client._async.modify import AsyncModifyCalls
from airflow_provider_pachyderm.client._async.projects import AsyncProjectCalls
from airflow_provider_pachyderm.client._async.repos import AsyncRepoCalls
from airflow_provider_pachyderm.client._async.roles import AsyncRoleCalls
from airflow_provider_pachyderm.client._async.transactions import AsyncTransactionCalls
from airflow_provider_pachyderm.client._async.uploads import AsyncUploadCalls
from airflow_provider_pachyderm.client._config import ClientConfig
from airflow_provider_pachyderm.client._config.settings import ClientSettings, Settings
from airflow_provider_pachyderm.client._errors import InvalidConfig
from airflow_provider_pachyderm.client._models import Version
from airflow_provider_pachyderm.client._other_clients import no_attribute, under_its_own_name

if TYPE_CHECKING:
    from typing_extensions import Unpack


@under_its_own_name
class AsyncPfsClient(
    AsyncAuthCalls,
    AsyncRoleCalls,
    AsyncProjectCalls,
    AsyncFileSystemCalls,
    AsyncRepoCalls,
    AsyncBranchCalls,
    AsyncCommitCalls,
    AsyncCommitSetCalls,
    AsyncTransactionCalls,
    AsyncFileCalls,
    AsyncDownloadCalls,
    AsyncUploadCalls,
    AsyncArchiveCalls,
    AsyncModifyCalls,
    AsyncFileSetCalls,
):
    """A client of Pachyderm's file system, for servers of 1.x and 2.x alike.

    Nothing connects before the first call, which asks the server for its version. All calls raise
    :class:`PachydermError` or, for bad arguments, its subclass :class:`InvalidRequest` before anything is sent.

    A ``commit`` argument is ``(repo, branch)``, ``(repo, commit_id)``, ``"repo/branch"``, ``"repo/commit_id"``,
    ``"repo@branch"``, ``"project/repo@branch=id"``, a :class:`Commit` or a :class:`CommitInfo`; a ``repo_name`` is
    ``"repo"``, ``"project/repo"``, either with ``.spec`` or ``.meta`` behind it, or a :class:`Repo`.

    Where a function takes a commit and a path, one text may name both, as pachctl writes it: instead of
    ``put_file("repo@branch", "/path", source)`` also ``put_file("repo@branch:/path", source)``.

    Files are listed in the order of their paths, segment by segment. 2.x servers go by the bytes of the whole path:
    there, names that share what is before a ``-``, a ``.`` or the like come together, when the first name without that
    prefix has come or the list has ended.

    :param host: name or address of the server, or ``grpcs://host:port``. If neither this nor ``config`` is given, the
        environment is read: :meth:`ClientConfig.from_env`.
    :param port: 30650 by default.
    :param config: all settings in one; the other arguments win over it.
    :param settings: ``auth_token``, ``project``, ``tls``, ``timeout`` and so on, as of :class:`ClientConfig`.
    """

    def __init__(
        self,
        host: str | None = None,
        port: int | str | None = None,
        *,
        config: ClientConfig | None = None,
        **settings: Unpack[Settings],
    ) -> None:
        if host is not None and config is not None:
            raise InvalidConfig("host and config both name a host: give one of them")
        given = {"port": port, **settings}
        told = {name: value for name, value in given.items() if value is not None or name == "stall_timeout"}
        if host is not None:
            config = ClientConfig(host=host, **told)  # type: ignore[arg-type]
        else:
            config = replace(config or ClientConfig.from_env(), **told)  # type: ignore[arg-type]
        super().__init__(config)

    @classmethod
    def from_url(cls, url: str, **settings: Unpack[Settings]) -> AsyncPfsClient:
        """Make a client of the server at an address.

        :param url: as Pachyderm writes it: ``grpcs://host:port``, ``grpc://host``, ``host:port``, ``unix:///path``.
        :param settings: as of :class:`ClientConfig`.
        """
        return cls(config=ClientConfig(host=url, **settings))

    @classmethod
    def from_env(cls, **settings: Unpack[ClientSettings]) -> AsyncPfsClient:
        """Make a client of the server that the environment names; see :meth:`ClientConfig.from_env`.

        :param settings: win over it.
        """
        return cls(config=ClientConfig.from_env(**settings))

    @classmethod
    def from_pachctl_config(
        cls, path: str | Path | None = None, context: str | None = None, **settings: Unpack[ClientSettings]
    ) -> AsyncPfsClient:
        """Make a client of the server that pachctl talks to; see :meth:`ClientConfig.from_pachctl_config`.

        :param path: of pachctl's ``config.json``; where it keeps it if None.
        :param context: name of a context in it; the active one if None.
        :param settings: win over what is in the file.
        """
        return cls(config=ClientConfig.from_pachctl_config(path, context, **settings))

    def __repr__(self) -> str:
        said = [self.config.target]
        if version := self._session.known_version:
            said += [f"Pachyderm {version}"]
        if self.config.project:
            said += [f"project {self.config.project}"]
        if self._session.closed:
            said += ["closed"]
        return f"<{type(self).__name__} {', '.join(said)}>"

    if not TYPE_CHECKING:  # else type checkers would take any name for an attribute

        def __getattr__(self, name: str) -> NoReturn:
            raise AttributeError(no_attribute(f"{type(self).__name__!r} object", name), name=name, obj=self)

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
        """Return the version that the server reports (GetVersion)."""
        return await self._session.version()
