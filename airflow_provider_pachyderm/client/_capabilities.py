"""What each server version can do: one table, and the only place that compares versions.

A row says in which versions something works, and why not elsewhere, in words a user can read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from airflow_provider_pachyderm.client._errors import Unsupported
from airflow_provider_pachyderm.client._models import Version


@dataclass(frozen=True)
class _Range:
    first: Version
    last: Version | None

    def __contains__(self, version: Version) -> bool:
        return self.first <= version and (self.last is None or version <= self.last)


def _ranges(text: str) -> tuple[_Range, ...]:
    """Read ``1.9.0 to 1.13.99, 2.5.0+``."""
    pairs = (part.strip().removesuffix("+").partition(" to ") for part in text.split(","))
    return tuple(_Range(Version.parse(first), Version.parse(last) if last else None) for first, _, last in pairs)


class World(Enum):
    """The two incompatible protocols; the value says which versions speak it."""

    V1 = "1.9.0 to 1.13.999"
    V2 = "2.0.0+"


class Feature(Enum):
    """Something only some servers do: ``(what, versions, why)``."""

    PROJECTS = ("projects", "2.5.0+", "projects came with Pachyderm 2.5.0; before that a repo is only a name")
    COMMIT_REPO = ("Commit.repo", "2.6.0+", "before 2.6.0 a commit is found by its branch")
    WAIT_FINISHING = ("InspectCommit waiting for FINISHING", "2.5.0+", "older servers answer at once")
    LIST_NUMBER = (
        "ListCommit with a number alone",
        "1.10.0 to 1.13.999, 2.0.0+",
        'servers of 1.9 fail with "BREAK"; the client counts for them',
    )
    URL_ERRORS = (
        "PutFile from a URL that answers with an error",
        "1.9.4 to 1.13.999, 2.0.0+",
        "older servers store the error page; the client fetches for them",
    )
    COMMIT_ERROR = (
        "FinishCommit with an error",
        "2.0.0+",
        "1.x servers know no failed commits: drop the commit instead",
    )

    def __init__(self, what: str, versions: str, why: str) -> None:
        self.what = what
        self.versions = versions
        self.why = why


class Capabilities:
    """What one server can do.

    :param version: as the server reports it.
    :raises Unsupported: if this client speaks no protocol of that version.
    """

    def __init__(self, version: Version) -> None:
        self.version = version
        # unstamped builds of 2.3 and later call themselves 0.0.0
        self._effective = Version(2, 12, 0) if version == Version(0, 0, 0) else version
        self.world = self._world()

    def _world(self) -> World:
        for world in World:
            if self._within(world.value):
                return world
        spoken = " and ".join(world.value.replace(".999", "").replace(".0+", " and later") for world in World)
        raise Unsupported(f"the server is Pachyderm {self.version}; this client works with {spoken}")

    def _within(self, versions: str) -> bool:
        return any(self._effective in part for part in _ranges(versions))

    def __contains__(self, feature: Feature) -> bool:
        return self._within(feature.versions)

    def require(self, feature: Feature) -> None:
        """Pass if the server has the feature.

        :raises Unsupported: with the reason if not.
        """
        if feature not in self:
            raise Unsupported(
                f"{feature.what} needs Pachyderm {feature.versions.replace('.999', '')}, "
                f"the server is {self.version}: {feature.why}"
            )
