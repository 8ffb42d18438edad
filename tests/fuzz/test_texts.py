"""Texts of servers: any is understood, in a time that grows no faster than it does."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_pachyderm._urls import masked, secrets_of
from airflow_provider_pachyderm.client import PachydermError
from airflow_provider_pachyderm.client._error_texts import RULES, classify, from_status
from tests.support.fuzzing import fuzzed, texts

STATUSES = [*("UNKNOWN", "NOT_FOUND", "UNAVAILABLE", "INTERNAL", "CANCELLED", "OK", ""), *("FAILED_PRECONDITION",)]
LONG = 300_000


@fuzzed
@given(status=st.sampled_from(STATUSES), text=texts, about=texts)
def test_any_text_becomes_an_error(status: str, text: str, about: str) -> None:
    error = from_status(status, text, method="/pfs.API/InspectFile", reference=about)
    assert isinstance(error, PachydermError)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


WORDS = [
    *("file ", "commit ", "branch ", "repo ", "not found", "file  not found ", "in repo ", "at commit ", "path "),
    *("a", " ", "\n", "/", ": ", "://", "@", "?", "commits/", "branches/", "rpc error: ", "a: ", "\ncontext canceled"),
    *("transaction ", "already exists", "is a directory", "provenance ", "[", "(", "'", '"', "\\", "0" * 32, "1"),
]


@pytest.mark.parametrize("word", WORDS)
def test_long_texts_are_told_apart_in_linear_time(word: str) -> None:
    """Quadratic time would take minutes, which the limit of the test run ends."""
    text = word * (LONG // len(word))
    for whole in (text, f"{text} not found", f"file {text}", f"x{text}y"):
        classify("UNKNOWN", whole)
        masked(f"https://{whole}")
        secrets_of(f"https://{whole}")


def test_each_rule_takes_linear_time_for_texts_made_of_its_words() -> None:
    for rule in RULES:
        words = "".join(letter if letter.isalnum() else " " for letter in rule.text)
        classify("UNKNOWN", (words + " ") * (100_000 // (len(words) + 1)))
