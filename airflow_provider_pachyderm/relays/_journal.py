"""How a relay knows which commits have runs, whenever it is killed.

It writes down where it began, where it will be, and which run of the relay that is, before it emits. Airflow registers
what a task emits in the transaction that sets the task to ``success``, so the state of that run tells whether the
commits between the two have been emitted. A second task confirms it, so that nothing changes if the run is cleared or
deleted later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from airflow_provider_pachyderm.relays._commits import Base

KEY = "journal"


class Entry(TypedDict, total=False):
    """What is written down, as plain values.

    :param base: all up to here has been emitted
    :param next: all up to here has been emitted if the run of this relay succeeded
    :param run: id of that run
    """

    base: Base
    next: Base
    run: str


def emitted(entry: Entry, run_id: str, has_succeeded: Callable[[str], bool]) -> Base:
    """Return up to where all commits have been emitted.

    :param entry: what was written down last
    :param run_id: the run that asks; what it wrote down in an earlier try was not emitted
    :param has_succeeded: whether the relay's task in another run did
    """
    written_by = entry.get("run")
    if written_by and written_by != run_id and has_succeeded(written_by):
        return entry["next"]
    return entry["base"]


def begin(store: Any, base: Base, next_base: Base, run_id: str) -> None:
    """Write down what is about to be emitted."""
    store.set(KEY, {"base": base, "next": next_base, "run": run_id})


def rest(store: Any, base: Base) -> None:
    """Write down that nothing is about to be emitted."""
    store.set(KEY, {"base": base})


def confirm(store: Any, run_id: str) -> None:
    """Write down that what this run was about to emit has been emitted."""
    entry = store.get(KEY) or {}
    if entry.get("run") == run_id:
        rest(store, entry["next"])
