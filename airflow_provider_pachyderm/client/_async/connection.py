"""Opening a connection, and closing it. ``_sync/connection.py`` is generated from this file by ``tools/unasync.py``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from airflow_provider_pachyderm.client._async.base import AsyncCalls
from airflow_provider_pachyderm.client._config import ClientConfig
from airflow_provider_pachyderm.client._config.settings import ClientSettings, Settings, check_settings
from airflow_provider_pachyderm.client._errors import InvalidConfig
from airflow_provider_pachyderm.client._models import Version
from airflow_provider_pachyderm.client._other_clients import no_attribute

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack


class AsyncConnection(AsyncCalls):
    """How a client is made and closed.

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
        check_settings(type(self).__name__, settings)
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
    def from_url(cls, url: str, **settings: Unpack[Settings]) -> Self:
        """Make a client of the server at an address.

        :param url: as Pachyderm writes it: ``grpcs://host:port``, ``grpc://host``, ``host:port``, ``unix:///path``.
        :param settings: as of :class:`ClientConfig`.
        """
        check_settings(f"{cls.__name__}.from_url", settings)
        return cls(config=ClientConfig(host=url, **settings))

    @classmethod
    def from_env(cls, **settings: Unpack[ClientSettings]) -> Self:
        """Make a client of the server that the environment names; see :meth:`ClientConfig.from_env`.

        :param settings: win over it.
        """
        check_settings(f"{cls.__name__}.from_env", settings)
        return cls(config=ClientConfig.from_env(**settings))

    @classmethod
    def from_pachctl_config(
        cls, path: str | Path | None = None, context: str | None = None, **settings: Unpack[ClientSettings]
    ) -> Self:
        """Make a client of the server that pachctl talks to; see :meth:`ClientConfig.from_pachctl_config`.

        :param path: of pachctl's ``config.json``; where it keeps it if None.
        :param context: name of a context in it; the active one if None.
        :param settings: win over what is in the file.
        """
        check_settings(f"{cls.__name__}.from_pachctl_config", settings)
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

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def version(self) -> Version:
        """Return the version that the server reports (GetVersion)."""
        return await self._session.version()
