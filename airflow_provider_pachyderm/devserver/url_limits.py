"""How far the dev server follows a URL."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UrlLimits:
    """How far a server follows a URL that it is told to fetch.

    :param silence: seconds without any data.
    :param seconds: for all of it.
    :param bytes: of its content.
    :param redirects: as many as Go's client follows.
    """

    silence: float = 60.0
    seconds: float = 3600.0
    bytes: int = 100 * 1024**3
    redirects: int = 10


URL_LIMITS = UrlLimits()
"""Those of a server that was told nothing else."""
