"""One way in which releases of Pachyderm differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


def numbers(version: str) -> tuple[int, ...]:
    """A version to compare: ``"1.9"`` is (1, 9). Empty for what is no version.

    A release candidate has the rules of its release.
    """
    parts = version.partition("-")[0].split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()


@dataclass(frozen=True, eq=False)
class Rule(Generic[T]):
    """What differs, and its values from one release to the next.

    :param about: a sentence for the table in the documentation.
    :param since: the release from which each value holds, to the next one; ascending. Begins with the oldest release
        that the rule means something for.
    :param recorded: recorded versions, separated by blanks, whose recordings show the value: with another one the
        replay differs.
    :param source: the file and function of Pachyderm's source that make the difference; for some changes only, by the
        releases of these.
    """

    about: str
    since: Mapping[str, T]
    recorded: str = ""
    source: str | Mapping[str, str] = ""

    def at(self, version: str) -> T:
        """The value in a release.

        :raises LookupError: if the rule means nothing there.
        """
        wanted = numbers(version)
        values = [value for release, value in self.since.items() if numbers(release) <= wanted]
        if not values:
            raise LookupError(f"{version} is older than this rule: {self.about}")
        return values[-1]

    def source_of(self, release: str) -> str:
        """The file and function that make the value change in a release; empty if they are not known."""
        return self.source if isinstance(self.source, str) else self.source.get(release, "")
