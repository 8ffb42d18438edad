"""What is in the data folder: there again after a restart, refused by whom it does not belong to."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from time import time_ns
from typing import NamedTuple

import pytest

from airflow_provider_pachyderm.devserver.engine import DataFolderError, Engine, EngineError
from airflow_provider_pachyderm.devserver.engine.auth.authentication import Authentication
from airflow_provider_pachyderm.devserver.engine.model import RepoKey
from airflow_provider_pachyderm.devserver.engine.store import rows
from airflow_provider_pachyderm.devserver.engine.store.sqlite import Store
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from tests.unit.devserver.conftest import ROOT, V1, V2, Desk

Open = Callable[..., Engine]


@pytest.mark.parametrize("version", [V1, V2])
async def test_everything_is_there_again(opened: Open, tmp_path: Path, version: str) -> None:
    desk = Desk(opened(version, tmp_path))
    desk.engine.repos.create(RepoKey("out"), "downstream")
    finished = await desk.commit({"/a": b"one", "/d/b": b"two"})
    desk.engine.branches.create(desk.branch(repo="out"), provenance=[desk.branch()])
    ref = desk.start()
    await desk.put(ref, "/a", b"+")
    desk.delete(ref, "/d/b")
    before = [desk.engine.commit_lists.list(RepoKey(name)) for name in ("r", "out")]
    branches = desk.engine.branches.list(RepoKey("out"))
    desk.engine.close()

    again = Desk(opened(version, tmp_path))
    assert [again.engine.commit_lists.list(RepoKey(name)) for name in ("r", "out")] == before
    assert again.engine.branches.list(RepoKey("out")) == branches
    assert again.engine.repos.inspect(RepoKey("out")).description == "downstream"
    assert await again.files(finished) == {"/a": b"one", "/d/b": b"two"}
    assert await again.files(ref) == {"/a": b"one+"}
    again.finish(ref)
    assert await again.files(ref) == {"/a": b"one+"}


async def test_a_commit_that_was_being_finished_is_finished_after_a_restart(opened: Open, tmp_path: Path) -> None:
    desk = Desk(opened(V2, tmp_path))
    ref = desk.start()
    await desk.put(ref, "/a", b"x")
    desk.engine.commits.finish(ref)
    desk.engine.close()
    again = Desk(opened(V2, tmp_path))
    assert again.engine.commits.inspect(ref).finished is None
    again.engine.finisher.drain()
    assert again.engine.commits.inspect(ref).size == 1


async def test_a_transaction_waits_over_a_restart(opened: Open, tmp_path: Path) -> None:
    engine = opened(V2, tmp_path)
    id = engine.transactions.start().id
    engine.transactions.append(id, b"request", b"response")
    engine.close()
    again = opened(V2, tmp_path)
    info = again.transactions.inspect(id)
    assert (info.requests, info.responses) == ((b"request",), (b"response",))
    again.transactions.delete(id)
    with pytest.raises(EngineError, match="not found"):
        again.transactions.inspect(id)


@pytest.mark.parametrize(("wrote", "reads"), [(V1, V2), (V2, V1)])
def test_the_other_world_is_refused(opened: Open, tmp_path: Path, wrote: str, reads: str) -> None:
    opened(wrote, tmp_path).close()
    with pytest.raises(DataFolderError, match=rf"belongs to a Pachyderm {wrote[0]}.x server"):
        opened(reads, tmp_path)
    opened(wrote, tmp_path)


def test_another_version_of_the_same_world_is_welcome(opened: Open, tmp_path: Path) -> None:
    Desk(opened("1.9.12", tmp_path)).engine.close()
    assert [info.key.name for info in opened(V1, tmp_path).repos.list()] == ["r"]


def test_another_schema_is_refused(opened: Open, tmp_path: Path) -> None:
    opened(V2, tmp_path).close()
    with sqlite3.connect(tmp_path / "pfs.sqlite") as database:
        database.execute("UPDATE meta SET value = '0' WHERE key = 'schema'")
    database.close()
    with pytest.raises(DataFolderError, match="another release"):
        opened(V2, tmp_path)


def test_a_folder_in_use_is_refused(opened: Open, tmp_path: Path) -> None:
    desk = Desk(opened(V2, tmp_path))
    with pytest.raises(DataFolderError, match="is another dev server running on it"):
        opened(V2, tmp_path)
    desk.start()


def test_a_file_that_is_no_database_is_refused(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "pfs.sqlite").write_text("not a database, but long enough to look like one" * 30)
    with pytest.raises(DataFolderError, match=r"pfs\.sqlite"):
        opened(V2, tmp_path)


async def test_what_no_commit_needs_is_forgotten_at_the_next_start(opened: Open, tmp_path: Path) -> None:
    desk = Desk(opened(V2, tmp_path))
    kept = await desk.commit({"/a": b"x"})
    dropped = await desk.commit({"/b": b"y"}, "side")
    desk.engine.removal.drop_set(dropped.id)
    desk.engine.close()
    again = Desk(opened(V2, tmp_path))
    assert await again.files(kept) == {"/a": b"x"}
    again.engine.close()
    with sqlite3.connect(tmp_path / "pfs.sqlite") as database:
        (layers,) = database.execute("SELECT count(*) FROM layers").fetchone()
    database.close()
    assert layers == 1


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("projects", rows.ProjectRow),
        ("repos", rows.RepoRow),
        ("branches", rows.BranchRow),
        ("commits", rows.CommitRow),
        ("commit_provenance", rows.ProvenanceRow),
        ("transactions", rows.TransactionRow),
        ("transaction_requests", rows.RequestRow),
        ("meta", rows.MetaRow),
    ],
)
def test_a_row_has_the_columns_of_its_table(table: str, row: type[NamedTuple]) -> None:
    store = Store(None, "v2")
    assert list(row._fields) == store.values(str, f"SELECT name FROM pragma_table_info('{table}')")
    store.close()


def test_a_query_that_does_not_fit_its_row_is_found_at_once() -> None:
    store = Store(None, "v2")
    with pytest.raises(TypeError, match="a MetaRow cannot be made of key"):
        store.all(rows.MetaRow, "SELECT key FROM meta")
    store.close()


@pytest.mark.parametrize("version", [V1, V2])
def test_only_the_engine_itself_changes_a_new_database(monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    monkeypatch.setattr(Engine, "_begin", lambda engine: None)
    engine = Engine(profile_for(version), auth=Authentication(profile_for(version), time_ns, ROOT))
    tables = engine._store.values(str, "SELECT name FROM sqlite_master WHERE type = 'table' AND name != 'meta'")
    assert [table for table in tables if engine._store.exists(f"SELECT 1 FROM {table}")] == []
    assert len(engine._core.before_commit) == 2
    engine.close()
