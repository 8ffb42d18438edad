"""What pachctl keeps in its ``config.json``: the address, token and authorities of each context."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from airflow_provider_pachyderm.client._errors import InvalidConfig

# pachctl looks here before the home folder; Pachyderm's own containers mount it
_IN_CONTAINER = Path("/pachctl/config.json")


def config_path(path: str | Path | None, environ: Mapping[str, str]) -> Path:
    """Find the file as pachctl does: as given, ``PACH_CONFIG``, in a container, in the home folder."""
    if path or environ.get("PACH_CONFIG"):
        return Path(path or environ["PACH_CONFIG"]).expanduser()
    return _IN_CONTAINER if _IN_CONTAINER.exists() else Path("~/.pachyderm/config.json").expanduser()


def read_context(path: Path, name: str | None) -> dict[str, Any]:
    """Read one context as settings of a ``ClientConfig``. Keys that this client does not need are ignored.

    :param name: of the context; None for the active one.
    :raises InvalidConfig: if the file, the context or its address is missing or makes no sense.
    """
    context, name = _context(_load(path), name, path)
    where = f"context {name!r} in {path}"
    settings = {
        "host": _address(context, where),
        "auth_token": context.get("session_token"),
        "project": context.get("project"),
        "tls_ca": _authorities(context, where),
    }
    return {key: value for key, value in settings.items() if value}


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except OSError as error:
        raise InvalidConfig(f"cannot read the pachctl configuration {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise InvalidConfig(f"the pachctl configuration {path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise InvalidConfig(f"the pachctl configuration {path} is not a JSON object")
    return content


def _context(content: dict[str, Any], name: str | None, path: Path) -> tuple[dict[str, Any], str]:
    # pachctl before 1.9.1 wrote one nameless context; later ones read it as "default"
    contexts = {"default": content["v1"]} if content.get("v1") else {}
    active = "default"
    if v2 := content.get("v2"):
        contexts |= v2.get("contexts") or {}
        active = v2.get("active_context") or active
    name = name or active
    if not isinstance(contexts.get(name), dict):
        there = ", ".join(map(repr, contexts)) or "none"
        raise InvalidConfig(f"no context {name!r} in {path}; there are: {there}")
    return contexts[name], name


def _address(context: dict[str, Any], where: str) -> str:
    if address := context.get("pachd_address"):
        return str(address)
    if port := (context.get("port_forwarders") or {}).get("pachd"):
        return f"localhost:{port}"
    raise InvalidConfig(
        f"{where} has no pachd_address: pachctl would look for pachd in Kubernetes, which this client does not. "
        "Set one with `pachctl config update context --pachd-address`"
    )


def _authorities(context: dict[str, Any], where: str) -> bytes | None:
    if not (encoded := context.get("server_cas")):
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise InvalidConfig(f"server_cas of {where} is not base64: {error}") from error
