"""Every example DAG, run as Airflow runs it, with Pachyderm as it was before and after."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import CommitState, PfsClient, Version
from tests.support.airflow_home import EXAMPLE_DAGS
from tests.support.airflow_runs import AirflowRuns, Run
from tests.support.web import Website

pytestmark = pytest.mark.airflow
RunExample = Callable[..., Run]


@pytest.fixture
def run_example(airflow_runs: AirflowRuns, connection: str) -> RunExample:
    def run(dag: str, **conf: Any) -> Run:
        return airflow_runs.run(EXAMPLE_DAGS / f"{dag}.py", dag, conf, connection)

    return run


def local(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def stored(client: PfsClient, commit: str) -> dict[str, bytes]:
    return client.get_files(commit, "/", recursive=True)


def put(client: PfsClient, repo: str, files: dict[str, bytes]) -> None:
    with client.commit(repo, "master") as commit:
        for path, content in files.items():
            client.put_file_bytes(commit, path, content)


def descriptions(client: PfsClient, repo: str) -> list[list[str]]:
    """The lines of each description, of the newest commit first."""
    return [info.description.splitlines() for info in client.list_commit(repo, to_commit="master")]


@pytest.mark.parametrize("with_url", [True, False], ids=["url", "no-url"])
def test_ingest(
    run_example: RunExample, client: PfsClient, repo: str, website: Website, tmp_path: Path, with_url: bool
) -> None:
    source, destination = tmp_path / "source", tmp_path / "fetched"
    (source / "deep").mkdir(parents=True)
    (source / "a").write_bytes(os.urandom(3_000_001))
    (source / "deep" / "empty").touch()
    expected = local(source)
    if with_url:
        expected["web/page"] = b"from the web"
    url = website.add("/page", b"from the web") if with_url else ""
    run = run_example("pachyderm_ingest", repo=repo, source=str(source), url=url, destination=str(destination))
    assert run, run
    assert run.tasks["put_url"] == ["success" if with_url else "skipped"]
    assert local(destination) == expected
    lines = descriptions(client, repo)
    assert len(lines) == (2 if with_url else 1)
    assert lines[-1][0] == f"Files of {source}"
    assert '"dag":"pachyderm_ingest"' in lines[-1][1]
    assert '"task":"put_directory"' in lines[-1][1]
    assert lines[-1][1].endswith("generation 0")


def test_scrape(run_example: RunExample, client: PfsClient, repo: str, website: Website) -> None:
    pages = {f"/{name}.html": name.encode() for name in ("one", "two", "three")}
    for path, content in pages.items():
        website.add(path, content)
    links = '<a href="one.html"> <a href="#top"> <a href="/two.html"> <a href="three.html">'
    run = run_example("pachyderm_scrape", repo=repo, index=website.add("/", links.encode()))
    assert run, run
    assert run.tasks["put_page"] == ["success"] * 3
    assert stored(client, f"{repo}@master") == pages
    assert len(descriptions(client, repo)) == 3


def test_scrape_with_a_link_that_is_dead(
    run_example: RunExample, client: PfsClient, repo: str, website: Website
) -> None:
    website.add("/alive.html", b"alive")
    index = website.add("/half", b'<a href="alive.html"> <a href="dead.html">')
    run = run_example("pachyderm_scrape", repo=repo, index=index)
    assert run.tasks["put_page"] == ["success", "failed"], run
    assert stored(client, f"{repo}@master") == {"/alive.html": b"alive"}


def test_on_commit(airflow_runs: AirflowRuns, client: PfsClient, connection: str, repo: str) -> None:
    results = f"{repo}-counts"
    client.create_repo(results)
    put(client, repo, {"/old": b"not seen by a run that is due later"})
    conf = {"repo": repo, "results": results}
    airflow_runs.begin(EXAMPLE_DAGS / "pachyderm_on_commit.py", "pachyderm_on_commit", conf, connection)
    airflow_runs.wait_for_log("running trigger in line")
    put(client, repo, {"/old": b"two words", "/a/b": b"and three words"})
    run = airflow_runs.end()
    assert run, run
    assert stored(client, f"{results}@master") == {"/words.csv": b"/a/b,3\n/old,2\n"}
    newest = next(iter(client.list_commit(repo, to_commit="master")))
    assert descriptions(client, results)[0][0] == f"Words in {newest.commit}"


def test_worker(airflow_runs: AirflowRuns, client: PfsClient, connection: str, repo: str) -> None:
    counts, totals = f"{repo}-counts", f"{repo}-totals"
    conf = {"texts": repo, "counts": counts, "totals": totals}
    for made_from, made in ((repo, counts), (counts, totals)):
        client.create_repo(made)
        client.create_branch(made, "master", provenance=[f"{made_from}@master"])
    airflow_runs.begin(EXAMPLE_DAGS / "pachyderm_worker.py", "pachyderm_worker", conf, connection)
    airflow_runs.wait_for_log("running trigger in line")
    put(client, repo, {"/a": b"two words", "/b": b"and three words"})
    run = airflow_runs.end()
    assert run, run
    assert stored(client, f"{counts}@master") == {"/a": b"2", "/b": b"3"}
    assert stored(client, f"{totals}@master") == {"/total": b"5"}
    given, counted, total = (next(iter(client.list_commit(each, branch="master"))) for each in (repo, counts, totals))
    assert given.commit.id in {each.id for each in counted.provenance}
    assert '"task":"add_up"' in total.description
    if client.version() >= Version(2, 0, 0):
        members = client.inspect_commit_set(str(given.commit.id))
        assert {info.commit.repo.name for info in members} == {repo, counts, totals}
        assert {info.state for info in members} == {CommitState.FINISHED}


def test_one_commit(run_example: RunExample, client: PfsClient, repo: str, tmp_path: Path) -> None:
    for name in ("cats", "dogs", "birds"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1").write_text(name)
    run = run_example("pachyderm_one_commit", repo=repo, folders=[str(folder) for folder in tmp_path.iterdir()])
    assert run, run
    assert run.tasks["put"] == ["success"] * 3
    assert run.tasks["drop"] == ["skipped"]
    assert stored(client, f"{repo}@master") == {"/cats/1": b"cats", "/dogs/1": b"dogs", "/birds/1": b"birds"}
    assert len(descriptions(client, repo)) == 1


def test_one_commit_is_dropped_when_a_task_failed(
    run_example: RunExample, client: PfsClient, repo: str, tmp_path: Path
) -> None:
    put(client, repo, {"/before": b"B"})
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "1").write_text("put and dropped")
    run = run_example("pachyderm_one_commit", repo=repo, folders=[str(tmp_path / "there"), str(tmp_path / "missing")])
    assert run.tasks["finish"] == ["upstream_failed"], run
    assert run.tasks["drop"] == ["success"]
    assert stored(client, f"{repo}@master") == {"/before": b"B"}
    assert not [info for info in client.list_commit(repo, to_commit="master") if info.state is CommitState.OPEN]


def test_staging(run_example: RunExample, client: PfsClient, repo: str) -> None:
    for content in ("apple,1\n", "apple,1.5\n"):
        run = run_example("pachyderm_staging", repo=repo, content=content)
        assert run, run
        assert stored(client, f"{repo}@master") == {"/prices.csv": content.encode()}
    run = run_example("pachyderm_staging", repo=repo, content="apple,cheap\n")
    assert run.tasks["check"] == ["failed"], run
    assert run.tasks["publish"] == ["upstream_failed"]
    assert stored(client, f"{repo}@staging") == {"/prices.csv": b"apple,cheap\n"}
    assert stored(client, f"{repo}@master") == {"/prices.csv": b"apple,1.5\n"}


def test_map_files(run_example: RunExample, client: PfsClient, repo: str) -> None:
    put(client, repo, {"/a.txt": b"one", "/deep/b.txt": b"and two", "/c.csv": b"not this"})
    run = run_example("pachyderm_map_files", repo=repo, pattern="/**.txt")
    assert run, run
    assert run.tasks["words"] == ["success"] * 2
    assert "Returned value was: 3" in run.log


def test_object_storage(run_example: RunExample, client: PfsClient, repo: str, tmp_path: Path) -> None:
    source, destination = tmp_path / "in", tmp_path / "out"
    (source / "deep").mkdir(parents=True)
    (source / "deep" / "a").write_bytes(os.urandom(2_500_000))
    (source / "b").write_bytes(b"B")
    run = run_example(
        "pachyderm_object_storage", repo=repo, source=f"file://{source}", destination=f"file://{destination}"
    )
    assert run, run
    assert local(destination / "raw") == local(source)
    assert len(descriptions(client, repo)) == 1


def test_taskflow(run_example: RunExample, client: PfsClient, repo: str) -> None:
    pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    tables = f"{repo}-tables"
    client.create_repo(tables)
    put(client, repo, {"/a.csv": b"place,value\nhere,1\nthere,5\n", "/deep/b.csv": b"place,value\nhere,2\n"})
    run = run_example("pachyderm_taskflow", raw=repo, tables=tables)
    assert run, run
    files = stored(client, f"{tables}@master")
    assert files.keys() == {"/measurements.parquet", "/averages.csv"}
    assert files["/averages.csv"] == b"here,1.5\nthere,5\n"
    assert [lines[0] for lines in descriptions(client, tables)] == ["Averages", "Gathered measurements"]


@pytest.mark.parametrize("file", sorted(EXAMPLE_DAGS.glob("*.py")), ids=lambda file: file.stem)
def test_it_says_what_it_shows(file: Path) -> None:
    """A docstring, a DAG named as the file, and no host of anybody."""
    text = file.read_text()
    assert ast.get_docstring(ast.parse(text))
    assert f'dag_id="{file.stem}"' in text
