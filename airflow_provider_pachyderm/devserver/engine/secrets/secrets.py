"""Secrets: what CreateSecret is given, as Kubernetes has it."""

from __future__ import annotations

import base64
import binascii
import builtins
import json
from dataclasses import dataclass
from typing import Any

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.engine.store.pipeline_tables import SecretRow

_SECOND = 1_000_000_000


@dataclass(frozen=True)
class SecretInfo:
    """A secret, without what is in it; times are whole seconds."""

    name: str
    type: str
    created: int


class Secrets:
    """The secrets of users."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._store = core.store

    def create(self, file: bytes) -> None:
        """CreateSecret.

        :param file: a Secret of Kubernetes as JSON.
        """
        manifest = _parsed(file)
        metadata = manifest.get("metadata") or {}
        suite = (metadata.get("labels") or {}).get("suite", "")
        if suite not in ("", "pachyderm"):
            raise refused(f"invalid suite label set on secret: suite={suite}")
        name = metadata.get("name", "")
        if self._row(name) is not None:
            raise refused(f'failed to create secret: secrets "{name}" already exists')
        data: dict[str, str] = dict(manifest.get("data") or {})
        for key, text in (manifest.get("stringData") or {}).items():
            data[key] = base64.b64encode(text.encode()).decode()
        with self._core.unit():
            sql = "INSERT INTO secrets VALUES (?, ?, ?, ?)"
            created = self._core.time() // _SECOND * _SECOND
            self._store.run(sql, name, manifest.get("type", ""), created, json.dumps(data))

    def inspect(self, name: str) -> SecretInfo:
        """InspectSecret."""
        row = self._row(name)
        if row is None:
            raise refused(f'failed to get secret: secrets "{name}" not found')
        return SecretInfo(row.name, row.type, row.created)

    def list(self) -> builtins.list[SecretInfo]:
        """ListSecret, by name."""
        rows = self._store.all(SecretRow, "SELECT * FROM secrets ORDER BY name")
        return [SecretInfo(row.name, row.type, row.created) for row in rows]

    def delete(self, name: str) -> None:
        """DeleteSecret."""
        with self._core.unit():
            if self._row(name) is None:
                raise refused(f'failed to delete secret: secrets "{name}" not found')
            self._store.run("DELETE FROM secrets WHERE name = ?", name)

    def delete_all(self) -> None:
        """Delete every secret."""
        with self._core.unit():
            self._store.run("DELETE FROM secrets")

    def keys(self, name: str) -> frozenset[str] | None:
        """What is in a secret; None: there is no such secret."""
        row = self._row(name)
        return None if row is None else frozenset(json.loads(row.data))

    def value(self, name: str, key: str) -> bytes | None:
        """What a secret has under a key; None if it, or the secret, is not there."""
        row = self._row(name)
        text = None if row is None else json.loads(row.data).get(key)
        return None if text is None else base64.b64decode(text)

    def values(self, name: str) -> dict[str, bytes]:
        """All that is in a secret."""
        row = self._row(name)
        return {} if row is None else {key: base64.b64decode(text) for key, text in json.loads(row.data).items()}

    def _row(self, name: str) -> SecretRow | None:
        return self._store.one(SecretRow, "SELECT * FROM secrets WHERE name = ?", name)


def _parsed(file: bytes) -> dict[str, Any]:
    """A manifest, refused nearly as Go does it."""
    try:
        manifest = json.loads(file)
        for text in (manifest.get("data") or {}).values():
            base64.b64decode(text, validate=True)
    except json.JSONDecodeError as error:
        rest = file[error.pos : error.pos + 1].decode(errors="replace")
        text = f"invalid character '{rest}' looking for beginning of value" if rest else "unexpected end of JSON input"
        raise refused(f"failed to unmarshal secret: {text}") from None
    except UnicodeDecodeError:
        raise refused("failed to unmarshal secret: invalid UTF-8") from None
    except (AttributeError, TypeError, binascii.Error):
        raise refused("failed to unmarshal secret: this is not a Secret of Kubernetes") from None
    return manifest  # type: ignore[no-any-return]
