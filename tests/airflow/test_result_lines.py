"""The line that each operator writes at its end, and what it writes now and then while it is at it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.common.compat.sdk import TaskDeferred
from fsspec.implementations.memory import MemoryFileSystem

from airflow_provider_pachyderm.client import CommitState, PfsClient
from airflow_provider_pachyderm.operators import _base
from airflow_provider_pachyderm.operators import pachyderm as operators
from airflow_provider_pachyderm.operators._results import Progress
from airflow_provider_pachyderm.testing.server import DevServer
from tests.conftest import Servers
from tests.support.airflow_task import context_of
from tests.support.endless_datums import ENDLESS, until_begun
from tests.support.pages import DOCS
from tests.support.web import Website

try:
    from airflow.sdk.io import attach
except ImportError:  # Airflow 2
    from airflow.io.store import attach

# Airflow 2.11 does that with each path it joins.
pytestmark = pytest.mark.filterwarnings("ignore:in a future version of UPath:PendingDeprecationWarning")

HASH = "[0-9a-f]+"
SECONDS = r"[0-9]+\.[0-9]+ s"


@dataclass
class Given:
    """What there is before an operator runs: a repo with ``/a`` in a finished commit, and files."""

    client: PfsClient
    repo: str
    folder: Path
    website: Website

    @property
    def name(self) -> str:
        return re.escape(str(self.client.inspect_repo(self.repo).repo))

    @property
    def source(self) -> dict[str, Any]:
        return {"source_commit": f"{self.repo}@master", "source_path": "/a"}

    def url(self) -> str:
        return self.website.add("/x", b"12345").replace("://", "://user:hidden-password@")

    def opened(self) -> str:
        return str(self.client.start_commit(self.repo, "master"))

    @property
    def input(self) -> dict[str, Any]:
        return {"pfs": {"repo": self.repo, "glob": "/*"}}

    def pipeline(self, command: str = "true", **spec: Any) -> str:
        """One that reads the repo; its name."""
        name = f"{self.repo}-p"
        transform = {"cmd": ["sh", "-c", command]}
        written = {"pipeline": {"name": name}, "transform": transform, "input": self.input, **spec}
        self.client.pps.create_pipeline(written)
        return name

    def stopped(self) -> str:
        self.client.pps.stop_pipeline(name := self.pipeline())
        return name

    def job(self) -> str:
        """One whose datum is being processed."""
        name = self.pipeline(ENDLESS)
        until_begun(self.client.pps, name)
        (job,) = self.client.pps.list_job(name, number=1)
        return f"{name}@{job.job.id}"

    def project(self) -> str:
        if self.client.version().major < 2:
            pytest.skip("1.x has no projects")
        self.client.create_project(self.repo)
        return self.repo


Made = Callable[[Given], dict[str, Any]]
MASTER = rf"{{name}}@master={HASH}"
# Of each operator its arguments, and its line but for the seconds.
LINES: dict[str, tuple[Made, str]] = {
    "CreateRepo": (lambda it: {"repo": f"{it.repo}-2"}, "Created repo {name}-2"),
    "DeleteRepo": (lambda it: {"repo": it.repo}, "Deleted repo {name}"),
    "CreateProject": (lambda it: {"project": f"{it.project()}-2"}, "Created project {repo}-2"),
    "DeleteProject": (lambda it: {"project": it.project()}, "Deleted project {repo}"),
    "CreateBranch": (
        lambda it: {"repo": it.repo, "branch": "b", "head": f"{it.repo}@master"},
        rf"Created branch {{name}}@b={HASH}",
    ),
    "DeleteBranch": (lambda it: {"repo": it.repo, "branch": "master"}, "Deleted branch {name}@master"),
    "StartCommit": (lambda it: {"repo": it.repo}, f"Opened commit {MASTER}"),
    "FinishCommit": (lambda it: {"commit": it.opened()}, rf"Finished commit {MASTER}( \(1 B in all\))?"),
    "DropCommit": (lambda it: {"commit": it.opened()}, rf"Dropped commit {{name}}@(master=)?{HASH}"),
    "PutFile": (
        lambda it: {"repo": it.repo, "path": "/in", "source": it.folder},
        rf"Put 2 files \(1\.5 KiB\) from {{folder}} to {{name}}@master:/in in commit {MASTER}( \(1\.5 KiB in all\))?",
    ),
    "PutFileUrl": (
        lambda it: {"repo": it.repo, "path": "/web", "url": it.url()},
        rf"Put http://\*\*\*@[^ ]+/x to {{name}}@master:/web in commit {MASTER}( \(6 B in all\))?",
    ),
    "CopyFile": (
        lambda it: {"repo": it.repo, "path": "/b", **it.source},
        rf"Copied {MASTER}:/a \(1 B\) to {{name}}@master:/b in commit {MASTER}( \(2 B in all\))?",
    ),
    "DeleteFile": (
        lambda it: {"repo": it.repo, "path": ["/a", "/z"]},
        rf"Deleted '/a', '/z' from {{name}}@master in commit {MASTER}( \(0 B in all\))?",
    ),
    "GetFiles": (
        lambda it: {"repo": it.repo, "destination": it.folder / "out"},
        rf"Got 1 file \(1 B\) from {MASTER}:/ to {{folder}}/out",
    ),
    "ListFiles": (lambda it: {"repo": it.repo}, f"Found 1 path below / in commit {MASTER}"),
    "GlobFiles": (lambda it: {"repo": it.repo, "pattern": "/x*"}, rf"Found 0 paths that match /x\* in commit {MASTER}"),
    "DiffFiles": (
        lambda it: {"repo": it.repo},
        f"Found 1 path added or changed since its parent below / in commit {MASTER}",
    ),
    "CreatePipeline": (
        lambda it: {"specs": {"pipeline": {"name": it.pipeline()}, "transform": {"cmd": ["false"]}, "input": it.input}},
        r"Deployed 1 pipeline: {repo}-p updated \(transform\.cmd\)",
    ),
    "DeletePipeline": (lambda it: {"pipeline": it.pipeline()}, "Deleted pipeline {repo}-p"),
    "StartPipeline": (lambda it: {"pipeline": it.stopped()}, "Started pipeline {repo}-p"),
    "StopPipeline": (lambda it: {"pipeline": it.pipeline()}, "Stopped pipeline {repo}-p"),
    "RunCron": (
        lambda it: {"pipeline": it.pipeline(input={"cron": {"name": "tick", "spec": "@yearly"}})},
        rf"Ran cron of pipeline {{repo}}-p: {{name}}-p_tick@master={HASH}",
    ),
    "RerunPipeline": (lambda it: {"pipeline": it.pipeline()}, "Made version 2 of pipeline {repo}-p"),
    "RestartDatum": (
        lambda it: {"job": it.job(), "data_filters": ["/a"]},
        rf"Restarted datum with '/a' of job {{repo}}-p@{HASH}",
    ),
}


@pytest.fixture(scope="session", params=[pytest.param("1.13.4", marks=pytest.mark.thorough), "2.11.6"])
def server(request: pytest.FixtureRequest, servers: Servers) -> DevServer:
    """A server that runs the commands of pipelines."""
    return servers(request.param, "--run-pipelines")


@pytest.fixture
def given(client: PfsClient, repo: str, tmp_path: Path, website: Website) -> Iterator[Given]:
    client.put_file_bytes(f"{repo}@master", "/a", b"A")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "one").write_bytes(b"1" * 1024)
    (folder / "two").write_bytes(b"2" * 512)
    yield Given(client, repo, folder, website)
    client.pps.delete_pipeline(f"{repo}-p", force=True)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What operators write to their logs by themselves, whatever logger Airflow gives them."""
    written: list[str] = []
    monkeypatch.setattr(_base.PachydermOperator, "log", _Log(written))
    return written


class _Log:
    def __init__(self, written: list[str]) -> None:
        self._written = written

    def info(self, message: str, *args: object) -> None:
        self._written.append(message % args if args else message)

    def warning(self, message: str, *args: object) -> None:
        """Airflow warns of tasks that are executed without its runner."""


@pytest.mark.parametrize("name", operators.__all__)
def test_each_operator_says_what_it_did(name: str, given: Given, lines: list[str]) -> None:
    arguments, line = LINES[name.removeprefix("Pachyderm").removesuffix("Operator")]
    expected = line.format(name=given.name, repo=given.repo, folder=given.folder)
    execute(name, **arguments(given))
    assert [re.sub(f"{expected} in {SECONDS}", "", each) for each in lines] == [""], lines


@pytest.mark.parametrize("name", LINES)
def test_the_page_shows_the_line_as_it_is(name: str) -> None:
    """docs/airflow/operations.md, with ids cut short; what is too long for the page goes on below."""
    text = (DOCS / "airflow" / "operations.md").read_text()
    (shown,) = re.findall(r"^```text\n(Copied.*?)^```$", text, re.DOTALL | re.MULTILINE)
    line = LINES[name][1].replace(HASH, "[0-9a-f]{{4}}…")
    expected = line.format(name="default/images", repo="images", folder="/data/images")
    lines = shown.replace("\n    ", " ").splitlines()
    assert len(lines) == len(LINES)
    assert [each for each in lines if re.fullmatch(f"{expected} in {SECONDS}", each)]


def execute(name: str, **arguments: Any) -> Any:
    task = getattr(operators, name)(task_id="t", **arguments)
    return task.execute(context_of(task))


def said(lines: list[str]) -> str:
    """Give the last line, without its seconds."""
    return re.sub(f" in {SECONDS}$", "", lines[-1])


def test_what_was_there_or_gone_already_is_said(given: Given, lines: list[str]) -> None:
    repo, name = given.repo, str(given.client.inspect_repo(given.repo).repo)
    execute("PachydermCreateRepoOperator", repo=repo)
    assert said(lines) == f"Found existing repo {name}"
    execute("PachydermCreateRepoOperator", repo=repo, if_exists="update")
    assert said(lines) == f"Created or updated repo {name}"
    execute("PachydermDeleteRepoOperator", repo=f"{repo}-2")
    assert said(lines).startswith("Nothing to do: ")
    execute("PachydermDeleteBranchOperator", repo=repo, branch="missing")
    assert said(lines).startswith("Nothing to do: ")
    assert len(lines) == 4


def test_branches_that_move_or_stay(given: Given, lines: list[str]) -> None:
    first = str(given.client.inspect_commit(f"{given.repo}@master").commit.id)
    second = str(given.client.put_file_bytes(f"{given.repo}@master", "/b", b"B").id)
    arguments = {"repo": given.repo, "branch": "master"}
    execute("PachydermCreateBranchOperator", **arguments, head=first)
    place = f"{given.client.inspect_repo(given.repo).repo}@master"
    assert said(lines) == f"Moved branch from {place}={second} to {place}={first}"
    execute("PachydermCreateBranchOperator", **arguments, head=second, if_exists="skip")
    assert said(lines) == f"Branch already exists: {place}={first}"


def test_content_is_not_in_the_line(given: Given, lines: list[str]) -> None:
    commit = execute("PachydermPutFileOperator", repo=given.repo, path="/c", content="hidden")
    assert re.fullmatch(rf"Put 1 file \(6 B\) to {given.name}@master:/c in commit {commit}.*", lines[-1])


def test_a_given_commit_is_named_in_the_line(given: Given, lines: list[str]) -> None:
    commit = given.opened()
    execute("PachydermPutFileOperator", commit=commit, path="/c", content="12")
    assert re.fullmatch(rf"Put 1 file \(2 B\) to {given.name}(@master)?:/c in commit {given.name}@.*", said(lines))


def test_a_retry_says_what_it_found(given: Given, lines: list[str]) -> None:
    task = operators.PachydermPutFileOperator(task_id="t", repo=given.repo, path="/c", content="x", retries=1)
    commit = task.execute(context_of(task))
    assert task.execute(context_of(task, try_number=2)) == commit
    assert said(lines).startswith(f"Found what an earlier try had done in commit {commit}")


def test_a_deferred_put_says_what_it_put_and_that_its_commit_is_finished(
    given: Given, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    task = operators.PachydermPutFileOperator(task_id="t", repo=given.repo, path="/c", content="x", deferrable=True)
    monkeypatch.setattr(task, "_is_done", lambda client, commit: False)
    with pytest.raises(TaskDeferred):
        task.execute(context_of(task))
    assert re.search(rf"^Put 1 file .* in commit {MASTER.format(name=given.name)}, which the triggerer", lines[-1])
    commit = str(given.client.inspect_commit(f"{given.repo}@master", wait=CommitState.FINISHED).commit)
    task.execute_complete(context_of(task), {"status": "success", "commit": commit})
    assert re.fullmatch(
        rf"Commit {re.escape(commit)}( \(2 B in all\))? is finished {SECONDS} after its start", lines[-1]
    )
    assert len(lines) == 2


@pytest.fixture
def memory() -> Iterator[MemoryFileSystem]:
    fs = MemoryFileSystem()
    attach("memory", fs=fs)
    yield fs
    fs.rm("/", recursive=True)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 31 s go by between two looks at the clock."""
    monkeypatch.setattr(_base, "Progress", partial(Progress, clock=itertools.count(0, 31).__next__))


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("stored", [False, True])
def test_a_long_put_says_how_far_it_is(given: Given, lines: list[str], memory: MemoryFileSystem, stored: bool) -> None:
    memory.put(f"{given.folder}/", "/in/", recursive=True)
    source = "memory://in" if stored else str(given.folder)
    execute("PachydermPutFileOperator", repo=given.repo, path="/in", source=source)
    so_far, later, at_the_end = lines
    assert so_far.startswith("So far 0 files (1.0 KiB) in ")
    assert later.startswith("So far 1 file (1.5 KiB) in ")
    assert at_the_end.startswith(f"Put 2 files (1.5 KiB) from {source} to ")


@pytest.mark.usefixtures("slow")
def test_a_long_get_to_the_local_disk_says_how_much_is_left(given: Given, lines: list[str]) -> None:
    given.client.put_files(f"{given.repo}@master", given.folder)
    execute("PachydermGetFilesOperator", repo=given.repo, path=["/one", "/two"], destination=given.folder / "out")
    *so_far, at_the_end = lines
    said_so_far = [line.partition(" in ")[0] for line in so_far]
    assert "So far 1.0 KiB of 1.5 KiB" in said_so_far
    assert said_so_far[-1] == "So far 1.5 KiB of 1.5 KiB"
    assert at_the_end.startswith("Got 2 files (1.5 KiB) from ")


@pytest.mark.usefixtures("slow")
def test_a_long_get_says_how_far_it_is(given: Given, lines: list[str], memory: MemoryFileSystem) -> None:
    given.client.put_files(f"{given.repo}@master", given.folder)
    execute("PachydermGetFilesOperator", repo=given.repo, destination="memory://out")
    *so_far, at_the_end = lines
    assert [line.partition(" in ")[0] for line in so_far] == [
        "So far 0 files (1 B)",
        "So far 1 file (1.0 KiB)",
        "So far 2 files (1.5 KiB)",
    ]
    assert re.match(
        rf"Got 3 files \(1\.5 KiB\) from {MASTER.format(name=given.name)}:/ to memory://out in ", at_the_end
    )


def test_what_is_secret_in_a_place_is_masked(given: Given, lines: list[str], memory: MemoryFileSystem) -> None:
    place = "memory://in?sig=hidden-signature"
    memory.pipe("/in?sig=hidden-signature/one", b"1")
    execute("PachydermGetFilesOperator", repo=given.repo, pattern="/none*", destination=place)
    execute("PachydermPutFileOperator", repo=given.repo, path="/", source=place)
    assert "hidden" not in "".join(lines)
    assert " to memory://in?sig=***" in lines[0]
    assert "Put 1 file (1 B) from memory://in?sig=*** to " in lines[1]
