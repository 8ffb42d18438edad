"""What real servers do otherwise, by the numbers of the notes on them: each has a test that names it, or a reason.

A test names one as ``D21`` in its text, or as ``test_d21_…``. Those without one are answers of servers that the client
never asks for or does not look at; they are compared byte for byte by the replay of the recordings (``make fidelity``).
"""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
NAMED = re.compile(r"\bD(\d{1,2})\b|\btest_d(\d{1,2})_")
LAST = 84
NEVER_USED = {11, 23, 24, 36, 61}
WITHOUT_A_TEST = {
    9: "the words of GetFile for bad patterns: the client sends no pattern there",
    10: "which branch a file set's commit is said to have: the client does not read it",
    16: "the words for JSON that is none",
    28: "the words for CSV that is none",
    37: "a pattern of GetFile with several hits: the client sends no pattern there",
    49: "what DeleteFile of 2.0 and 2.1 says of paths with special characters",
    50: "the codes of errors of 2.0, which the client tells by their words",
    52: "a branch's name in place of an id: the client does not write it there",
    54: "what a list shows of a commit that failed",
    58: "which project and branch are said of file sets: the client does not read them",
    59: "the form of a file set's id on 2.12, and the words for a bad one",
    60: "calls that the client does not make",
    74: "when the default project of 2.6 gets its time",
    75: "a slash before the key in errors of 1.10 and 1.12: the texts of errors are matched without it",
    84: "2.0 to 2.5 do not remove a commit that another branch was set to: delete_commit says so in its description",
}


def named() -> set[int]:
    """Give the numbers that tests name."""
    return {
        int(number)
        for folder in ("contract", "unit", "airflow", "support")
        for path in (TESTS / folder).rglob("*.py")
        for match in NAMED.finditer(path.read_text())
        for number in match.groups()
        if number
    }


def test_each_has_a_test_or_a_reason() -> None:
    known = set(range(1, LAST + 1)) - NEVER_USED
    assert known - named() - WITHOUT_A_TEST.keys() == set()


def test_what_has_a_test_needs_no_reason() -> None:
    assert named() & WITHOUT_A_TEST.keys() == set()
    assert named() <= set(range(1, LAST + 1)) - NEVER_USED
