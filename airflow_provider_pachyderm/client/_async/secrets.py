"""Secrets for pipelines."""

from __future__ import annotations

from collections.abc import Mapping

from airflow_provider_pachyderm.client._async.base import AsyncCalls, not_empty
from airflow_provider_pachyderm.client._pps_models import SecretInfo
from airflow_provider_pachyderm.client._tables import InfoList


class AsyncSecretCalls(AsyncCalls):
    """The client's calls for secrets, which pipelines name in ``transform.secrets`` (1.10 and later)."""

    async def create_secret(
        self,
        secret_name: str,
        data: Mapping[str, str | bytes],
        *,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        """Store a secret (CreateSecret). Nobody can read it back.

        :param data: values by their keys; texts are stored as UTF-8.
        :param labels: of the secret in Kubernetes.
        :param annotations: likewise.
        :raises AlreadyExists: if there is one of this name.
        """
        name = not_empty("secret_name", secret_name)
        content = {key: value.encode() if isinstance(value, str) else value for key, value in data.items()}
        dialect = await self._session.dialect()
        await self._session.run(dialect.secrets.create(name, content, labels or {}, annotations or {}))

    async def inspect_secret(self, secret_name: str) -> SecretInfo:
        """Describe a secret, without its content (InspectSecret).

        :raises SecretNotFound: if it does not exist.
        """
        name = not_empty("secret_name", secret_name)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.secrets.inspect(name))

    async def list_secret(self) -> list[SecretInfo]:
        """List the secrets that were stored through Pachyderm (ListSecret)."""
        dialect = await self._session.dialect()
        return InfoList(await self._session.run(dialect.secrets.list()))

    async def delete_secret(self, secret_name: str) -> None:
        """Delete a secret (DeleteSecret).

        :raises SecretNotFound: if it does not exist.
        """
        name = not_empty("secret_name", secret_name)
        dialect = await self._session.dialect()
        await self._session.run(dialect.secrets.remove(name))
