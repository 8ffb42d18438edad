"""What a relay knows of what it has emitted, whatever was killed, cleared or deleted."""

from __future__ import annotations

from typing import Any

from airflow_provider_pachyderm.relays import _journal
from airflow_provider_pachyderm.relays._commits import THE_FIRST, Base

ONE: Base = {"commit": "1", "finished": "2026-01-01T00:00:01+00:00"}
TWO: Base = {"commit": "2", "finished": "2026-01-01T00:00:02+00:00"}


class Store:
    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def set(self, key: str, value: Any) -> None:
        self.values[key] = value


def emitted(store: Store, run: str, *succeeded: str) -> Base:
    return _journal.emitted(store.get(_journal.KEY), run, lambda asked: asked in succeeded)


def test_what_a_run_wrote_down_counts_if_it_succeeded() -> None:
    store = Store()
    _journal.begin(store, ONE, TWO, "a")
    assert emitted(store, "b") == ONE
    assert emitted(store, "b", "a") == TWO


def test_a_try_that_died_emitted_nothing() -> None:
    store = Store()
    _journal.begin(store, ONE, TWO, "a")
    assert emitted(store, "a", "a") == ONE


def test_what_is_confirmed_stays_though_the_run_is_cleared_or_deleted() -> None:
    store = Store()
    _journal.begin(store, ONE, TWO, "a")
    _journal.confirm(store, "a")
    assert emitted(store, "a") == emitted(store, "b") == TWO


def test_a_run_confirms_only_its_own() -> None:
    store = Store()
    _journal.confirm(store, "a")
    assert not store.values
    _journal.begin(store, THE_FIRST, ONE, "b")
    _journal.confirm(store, "a")
    assert emitted(store, "c") == THE_FIRST
