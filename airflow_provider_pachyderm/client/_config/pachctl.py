"""What pachctl keeps in its ``config.json``: the address, token and authorities of each context."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from airflow_provider_pachyderm.client._errors import InvalidConfig

_T = TypeVar("_T")
_JSON_NAMES: dict[type, str] = {str: "a string", dict: "an object", int: "a number"}
# pachctl looks here before the home folder; Pachyderm's own containers mount it
_IN_CONTAINER = Path("/pachctl/config.json")


def config_path(path: str | Path | None, environ: Mapping[str, str]) -> Path:
    """Find the file as pachctl does: as given, ``PACH_CONFIG``, in a container, in the home folder."""
    if path or environ.get("PACH_CONFIG"):
        return Path(path or environ["PACH_CONFIG"])
    return _IN_CONTAINER if _IN_CONTAINER.exists() else Path("~/.pachyderm/config.json")


def read_context(path: Path, name: str | None) -> dict[str, Any]:
    """Read one context as settings of a ``ClientConfig``. Keys that this client does not need are ignored.

    :param name: of the context; None for the active one.
    :raises InvalidConfig: if the file, the context or its address is missing or makes no sense.
    """
    context, where = _context(_load(path), name, path)
    settings = {
        "host": _address(context, where),
        "auth_token": _get(context, "session_token", str, where),
        "project": _get(context, "project", str, where),
        "tls_ca": _authorities(context, where),
    }
    return {key: value for key, value in settings.items() if value}


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.expanduser().read_bytes())
    except OSError as error:
        raise InvalidConfig(f"cannot read the pachctl configuration {path}: {error.strerror or error}") from error
    except (ValueError, RuntimeError) as error:  # also a home that is not known, and too many brackets
        # the error itself has all of the file in it, tokens too
        raise InvalidConfig(f"the pachctl configuration {path} is not JSON: {error}") from None
    if not isinstance(content, dict):
        raise InvalidConfig(f"the pachctl configuration {path} is not a JSON object")
    return content


def _context(content: dict[str, Any], name: str | None, path: Path) -> tuple[dict[str, Any], str]:
    """Find a context, and say where it stands."""
    # pachctl before 1.9.1 wrote one nameless context; later ones read it as "default"
    contexts = {"default": content["v1"]} if content.get("v1") else {}
    v2 = _get(content, "v2", dict, str(path)) or {}
    contexts |= _get(v2, "contexts", dict, str(path)) or {}
    name = name or _get(v2, "active_context", str, str(path)) or "default"
    if name not in contexts:
        there = ", ".join(map(repr, contexts)) or "none"
        raise InvalidConfig(f"{path} has no context {name!r}; it has {there}")
    return _get(contexts, name, dict, str(path)) or {}, f"context {name!r} in {path}"


def _get(values: dict[str, Any], key: str, kind: type[_T], where: str) -> _T | None:
    """Give what is under a key, which may be missing.

    :raises InvalidConfig: if it is not of the kind that pachctl writes there.
    """
    value = values.get(key)
    if value is None or isinstance(value, kind):
        return value
    raise InvalidConfig(f"{key!r} of {where} must be {_JSON_NAMES[kind]}, not {type(value).__name__}")


def _address(context: dict[str, Any], where: str) -> str:
    if address := _get(context, "pachd_address", str, where):
        return address
    forwarded = _get(context, "port_forwarders", dict, where) or {}
    if port := _get(forwarded, "pachd", int, where):
        return f"localhost:{port}"
    raise InvalidConfig(
        f"{where} has no pachd_address. pachctl would look for pachd in Kubernetes, this client does not: set an "
        "address with `pachctl config update context --pachd-address`"
    )


def _authorities(context: dict[str, Any], where: str) -> bytes | None:
    if not (encoded := _get(context, "server_cas", str, where)):
        return None
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidConfig(f"server_cas of {where} is not base64: {error}") from error
