"""CONTRIBUTING.md shows the way: each place that it names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.support.pages import ROOT

PAGE = ROOT / "CONTRIBUTING.md"
PACKAGE = ROOT / "airflow_provider_pachyderm"
# made by a command, or a pattern
_NOT_KEPT = ("build/", ".venv", ".ci/", "FOLDER/")
_PLACE = re.compile(r"[\w.\-/*]+")


def places(text: str) -> Iterator[str]:
    for code in re.findall(r"`([^`\n]+)`", text):
        for word in code.split():
            if ("/" in word or word.endswith((".py", ".md"))) and _PLACE.fullmatch(word):
                yield word


def is_there(place: str) -> bool:
    """Whether it is in the repository, or anywhere in the package or the tests: what stands before it says where."""
    tries = ((ROOT, place), (PACKAGE, f"**/{place}"), (ROOT / "tests", f"**/{place}"))
    return any(next(base.glob(pattern), None) is not None for base, pattern in tries)


def test_every_place_is_there() -> None:
    named = {place.strip("/") for place in places(PAGE.read_text()) if not place.startswith(_NOT_KEPT)}
    assert sorted(place for place in named if not is_there(place)) == []


def test_places_are_found() -> None:
    assert len(set(places(PAGE.read_text()))) > 60
