"""Deprecated: :func:`.releases.profile.profile_for` has moved."""

from __future__ import annotations

import warnings

from airflow_provider_pachyderm.devserver.releases import played, profile

_MOVED = {
    **dict.fromkeys(("profile_for", "Profile", "UnknownVersion"), profile),
    **dict.fromkeys(("DEFAULT_VERSION", "PLAYED", "RECORDED", "INFERRED"), played),
}


def __getattr__(name: str) -> object:
    if name not in _MOVED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _MOVED[name]
    warnings.warn(f"{__name__}.{name} is deprecated; use {home.__name__}.{name}", DeprecationWarning, stacklevel=2)
    return getattr(home, name)
