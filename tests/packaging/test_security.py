"""``SECURITY.md`` names the tests that hold each promise; they are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "SECURITY.md").read_text()
PROMISES = re.findall(r"^\| (?!promise|-)(.+) \| (.+) \|$", TEXT, re.MULTILINE)


@pytest.mark.parametrize(("promise", "held_by"), PROMISES, ids=[promise[:40] for promise, _ in PROMISES])
def test_each_promise_is_held_by_tests(promise: str, held_by: str) -> None:
    named = re.findall(r"`(tests/[^`]+)`", held_by)
    assert named
    for name in named:
        file, _, test = name.partition("::")
        text = (ROOT / file).read_text()
        assert re.search(rf"^(async )?def {test or 'test_'}", text, re.MULTILINE), name


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z-]+)`", TEXT))))
def test_what_is_run_at_length_is_a_target(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_there_are_promises() -> None:
    assert len(PROMISES) >= 15
