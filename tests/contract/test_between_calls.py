"""Another client drops, finishes, moves or makes a commit between two calls of one that looked at it before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    Commit,
    CommitFinished,
    CommitNotFinished,
    CommitNotFound,
    CommitState,
    NotFound,
    PathConflict,
    PfsClient,
    Version,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.testing.server import DevServer
from tests.contract.conftest import Supports
from tests.support.between import acting, at_each_call

VERSIONS = pytest.mark.versions("1.7.14", "1.13.4", "2.0.8", "2.5.9", "2.11.6")


class Place:
    """A branch with two commits, made anew for each try; ``other`` is who acts."""

    def __init__(self, client: PfsClient, other: PfsClient, name: str) -> None:
        self.client, self.other = client, other
        self._names = (f"{name}-{number}" for number in count())
        self.open: Commit | None = None

    def prepare(self, *, open_head: bool = False) -> None:
        self.repo = next(self._names)
        self.other.create_repo(self.repo)
        with self.other.modify((self.repo, "master")) as changes:
            changes.put("/old", b"old")
            changes.put("/d/1", b"1")
        self.first = changes.commit
        self.head = self.other.put_file_bytes(self.branch, "/second", b"2")
        if open_head:
            self.open = self.other.start_commit(self.repo, "master", description="another's")

    @property
    def branch(self) -> tuple[str, str]:
        return self.repo, "master"

    def drop_head(self) -> None:
        self.other.delete_commit(self.head)

    def drop_open(self) -> None:
        assert self.open is not None
        with suppress(CommitFinished):  # the one who was at work has finished it
            self.other.drop_commit(self.open)

    def put(self) -> None:
        """Commit on top, if there is room."""
        try:
            commit = self.other.start_commit(self.repo, "master")
        except CommitNotFinished:
            return
        self.other.put_file_bytes(commit, "/theirs", b"theirs")
        self.other.finish_commit(commit, wait=True)


@pytest.fixture
def place(server: DevServer, repo_name: str, supports: Supports) -> Iterator[Place]:
    supports(Feature.DELETE_FINISHED)
    with PfsClient(server.host, server.port) as client, PfsClient(server.host, server.port) as other:
        client.version()
        yield Place(client, other, repo_name)


def paths(files: Any) -> list[str]:
    return sorted(info.path for info in files)


def archived(client: PfsClient, repo: str) -> bool:
    with client.get_file_tar((repo, "master"), "/old") as reader:
        return bool(reader.read())


READS: dict[str, Callable[[PfsClient, str], Any]] = {
    "get_file": lambda client, repo: client.get_file((repo, "master"), "/old").read(),
    "open_file": lambda client, repo: client.open_file((repo, "master"), "/old").close(),
    "get_files": lambda client, repo: sorted(client.get_files((repo, "master"), "/", recursive=True)),
    "list_file": lambda client, repo: paths(client.list_file((repo, "master"), "/", after="/a")),
    "walk_file": lambda client, repo: paths(client.walk_file((repo, "master"), "/")),
    "glob_file": lambda client, repo: paths(client.glob_file((repo, "master"), "/**")),
    "find_commits": lambda client, repo: len(list(client.find_commits((repo, "master"), "/old"))),
    "get_file_tar": archived,
}


@VERSIONS
@pytest.mark.parametrize("name", READS)
def test_a_branch_whose_head_is_dropped_is_read_from_the_one_before(place: Place, name: str) -> None:
    def work() -> Iterator[None]:
        place.prepare()
        yield
        found = READS[name](place.client, place.repo)
        yield
        if place.client.inspect_commit(place.branch).commit.id != place.head.id:
            assert found in (READS[name](place.client, place.repo), READS[name](place.other, place.repo))

    assert at_each_call(place.client, place.drop_head, work)


@VERSIONS
def test_a_copy_from_a_branch_whose_head_is_dropped(place: Place) -> None:
    def work() -> Iterator[None]:
        place.prepare()
        yield
        commit = place.client.copy_file(place.branch, "/d", (place.repo, "copies"), "/e")
        yield
        assert place.other.get_files(commit, "/", recursive=True) == {"/e/1": b"1"}

    assert at_each_call(place.client, place.drop_head, work)


@VERSIONS
def test_a_commit_that_is_deleted_while_another_is_made_on_top(place: Place) -> None:
    def work() -> Iterator[None]:
        place.prepare()
        yield
        place.client.delete_commit(place.head)
        yield
        with pytest.raises(NotFound):
            place.other.inspect_commit(place.head)
        later = place.other.inspect_commit(place.branch).commit.id != place.first.id
        assert ("/theirs" in place.other.get_files(place.branch, "/")) is later

    assert at_each_call(place.client, place.put, work)


@pytest.mark.versions("2.0.8", "2.5.9", "2.11.6")
def test_what_is_made_on_top_of_a_refused_commit_has_none_of_its_files(place: Place) -> None:
    def work() -> Iterator[None]:
        place.prepare()
        yield
        with pytest.raises(PathConflict) as refused:
            place.client.put_file_bytes(place.branch, "/old/x", b"refused")
        yield
        assert not getattr(refused.value, "__notes__", [])
        files = place.other.get_files(place.branch, "/", recursive=True)
        assert files in (
            {"/old": b"old", "/d/1": b"1", "/second": b"2"},
            {"/old": b"old", "/d/1": b"1", "/second": b"2", "/theirs": b"theirs"},
        )

    assert at_each_call(place.client, place.put, work)


WRITES: dict[str, Callable[[PfsClient, str], Commit]] = {
    "put": lambda client, repo: client.put_file_bytes((repo, "master"), "/new", b"new"),
    "append": lambda client, repo: client.put_file_bytes((repo, "master"), "/new", b"new", append=True),
    "delete": lambda client, repo: client.delete_file((repo, "master"), "/old"),
    "copy": lambda client, repo: client.copy_file((repo, "master"), "/d", (repo, "master"), "/e"),
}


@pytest.mark.versions("1.7.14", "1.13.4", "2.6.11", "2.11.6")
@pytest.mark.parametrize("name", WRITES)
def test_a_write_to_an_open_commit_that_is_dropped_is_not_done_elsewhere(
    place: Place, name: str, supports: Supports
) -> None:
    """It is refused, or in the commit that it names: never in one that the server makes by itself."""
    if place.client.version() >= Version(2, 0, 0):
        supports(Feature.WRITES_BY_ID)

    def work() -> Iterator[None]:
        place.prepare(open_head=True)
        yield
        made = None
        with suppress(CommitNotFound):
            made = WRITES[name](place.client, place.repo)
        yield
        assert place.open is not None
        known = {str(each.id) for each in (place.first, place.head, place.open, made) if each is not None}
        assert {str(info.commit.id) for info in place.other.list_commit(place.repo)} <= known
        assert made is None or made.id == place.open.id or place.other.commit_exists(made)

    assert at_each_call(place.client, place.drop_open, work)


@VERSIONS
def test_who_finishes_a_head_does_not_wait_for_the_next_one(place: Place) -> None:
    place.prepare(open_head=True)
    started: list[Commit] = []

    def start() -> None:
        with suppress(CommitNotFinished):
            started.append(place.other.start_commit(place.repo, "master"))

    for at in range(6):
        with acting(place.client, at, start) as between:
            place.client.finish_commit(place.branch, wait=True)
        if not between.has_acted:
            break
        if started:
            assert place.other.inspect_commit(started[0]).state is CommitState.OPEN
            place.other.drop_commit(started.pop())
        place.open = place.other.start_commit(place.repo, "master")


@VERSIONS
def test_who_drops_what_is_dropped_has_what_it_wants(place: Place) -> None:
    def work() -> Iterator[None]:
        place.prepare(open_head=True)
        assert place.open is not None
        yield
        with suppress(CommitNotFound):  # it was gone before anything was asked
            place.client.drop_commit(place.open)
        yield
        assert place.other.inspect_commit(place.branch).commit.id == place.head.id

    def drop() -> None:
        with suppress(NotFound):
            place.drop_open()

    assert at_each_call(place.client, drop, work)
