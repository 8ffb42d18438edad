"""The rules of one release."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

from airflow_provider_pachyderm.devserver.releases import fields_v1, fields_v2
from airflow_provider_pachyderm.devserver.releases.played import DEFAULT_VERSION, LAST, OTHERS, PLAYED, REPORTED
from airflow_provider_pachyderm.devserver.releases.rule import Rule

T = TypeVar("T")


class UnknownVersion(ValueError):
    """A version that this server does not play."""


class Profile:
    """The rules of one release: ``profile[RULE]`` is the value of a rule there.

    :param version: what was asked for, e.g. ``"2.11.6"``.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self._values: dict[Rule[Any], Any] = {}

    def __getitem__(self, rule: Rule[T]) -> T:
        try:
            value: T = self._values[rule]
        except KeyError:
            value = self._values[rule] = rule.at(self.version)
        return value

    @property
    def reported(self) -> str:
        """What GetVersion says; the tag 1.11.9 says 1.12.0."""
        return REPORTED.get(self.version, self.version)

    @property
    def world(self) -> str:
        """``"v1"`` or ``"v2"``: which services exist."""
        return "v1" if self.version.startswith("1.") else "v2"

    @cached_property
    def lacks(self) -> frozenset[str]:
        """Calls, services and fields of messages that the release does not have, of those of its world."""
        table = fields_v1.FIELDS if self.world == "v1" else fields_v2.FIELDS
        return frozenset(name for name, has in table.items() if not self[has])


def profile_for(version: str = DEFAULT_VERSION) -> Profile:
    """The rules of a version.

    :param version: ``major.minor.micro``.
    :raises UnknownVersion: for versions that this server does not play; the text says which it does.
    """
    if version not in PLAYED:
        played = ", ".join((*(f"{minor}.0 to {minor}.{last}" for minor, last in LAST.items()), *OTHERS))
        raise UnknownVersion(f"this dev server does not play Pachyderm {version!r}; it plays {played}")
    return Profile(version)
