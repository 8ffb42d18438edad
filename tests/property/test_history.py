"""Any history of commits, against a small model: what was finished can be read for ever, also after a restart."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from airflow_provider_pachyderm.client import (
    BranchHasNoHead,
    BranchNotFound,
    Commit,
    CommitFinished,
    CommitNotFinished,
    CommitNotFound,
    CommitState,
    OriginKind,
    PfsClient,
)
from airflow_provider_pachyderm.testing.server import DevServer

Files = dict[str, bytes]
BRANCHES = st.sampled_from(["master", "staging"])
PATHS = st.sampled_from(["/a", "/dir/b", "/dir/c", "/dir/deep/d", "/e.txt"])
CONTENT = st.binary(max_size=40)


@dataclass
class ModelCommit:
    """A commit as it should be."""

    commit: Commit
    parent: ModelCommit | None
    files: Files
    open: bool = True

    def ancestry(self) -> list[str]:
        ids: list[str] = []
        each: ModelCommit | None = self
        while each is not None:
            ids.append(str(each.commit.id))
            each = each.parent
        return ids


@dataclass
class Model:
    """A repo as it should be."""

    heads: dict[str, ModelCommit | None] = field(default_factory=dict)

    def open_on(self, branch: str) -> ModelCommit | None:
        head = self.heads.get(branch)
        return head if head is not None and head.open else None


def without(files: Files, path: str) -> Files:
    return {name: content for name, content in files.items() if name != path and not name.startswith(f"{path}/")}


class History(RuleBasedStateMachine):
    """One repo and what users do to it; ``server`` is set on a subclass."""

    server: DevServer
    finished = Bundle("finished")

    def __init__(self) -> None:
        super().__init__()
        self.repo = f"history-{uuid.uuid4().hex[:12]}"
        self.client = PfsClient(self.server.host, self.server.port)
        self.client.create_repo(self.repo)
        self.model = Model()
        self.reopened = False

    def teardown(self) -> None:
        self.client.close()

    def _begin(self, branch: str, parent: ModelCommit | None, commit: Commit) -> None:
        files = dict(parent.files) if parent else {}
        self.model.heads[branch] = ModelCommit(commit, parent, files)

    @rule(branch=BRANCHES)
    def start(self, branch: str) -> None:
        if self.model.open_on(branch):
            with pytest.raises(CommitNotFinished):
                self.client.start_commit(self.repo, branch)
        else:
            self._begin(branch, self.model.heads.get(branch), self.client.start_commit(self.repo, branch))

    @rule(branch=BRANCHES, parent=finished)
    def start_from_an_older_one(self, branch: str, parent: ModelCommit) -> None:
        if not self.model.open_on(branch):
            self._begin(branch, parent, self.client.start_commit(self.repo, branch, parent.commit.id))

    @rule(branch=BRANCHES, path=PATHS, content=CONTENT, append=st.booleans())
    def put(self, branch: str, path: str, content: bytes, append: bool) -> None:
        if head := self.model.open_on(branch):
            self.client.put_file_bytes(head.commit, path, content, append=append)
            head.files[path] = (head.files.get(path, b"") if append else b"") + content

    @rule(branch=BRANCHES, path=st.one_of(PATHS, st.sampled_from(["/dir", "/missing"])))
    def delete(self, branch: str, path: str) -> None:
        if head := self.model.open_on(branch):
            self.client.delete_file(head.commit, path)
            head.files = without(head.files, path)

    @rule(target=finished, branch=BRANCHES)
    def finish(self, branch: str) -> object:
        head = self.model.open_on(branch)
        if head is None:
            return multiple()
        self.client.finish_commit(head.commit, wait=True)
        head.open = False
        return head

    @rule(branch=BRANCHES)
    def drop(self, branch: str) -> None:
        if head := self.model.open_on(branch):
            self.client.drop_commit(head.commit)
            self.model.heads[branch] = head.parent or self._stand_in(branch)
            with pytest.raises(CommitNotFound):
                self.client.inspect_commit(head.commit)

    def _stand_in(self, branch: str) -> ModelCommit | None:
        """Branches of 2.x never lack a head: an empty commit, made by the server, takes the place of the first one."""
        try:
            info = self.client.inspect_commit((self.repo, branch))
        except (BranchHasNoHead, BranchNotFound):
            return None
        assert (info.origin, info.state) == (OriginKind.AUTO, CommitState.FINISHED)
        return ModelCommit(info.commit, None, {}, open=False)

    @rule(target=finished, branch=BRANCHES, path=PATHS, content=CONTENT)
    def put_on_the_branch(self, branch: str, path: str, content: bytes) -> object:
        if self.model.open_on(branch):
            return multiple()
        self.client.put_file_bytes((self.repo, branch), path, content)
        self._begin(branch, self.model.heads.get(branch), self.client.wait_commit((self.repo, branch)).commit)
        head = self.model.heads[branch]
        assert head is not None
        head.files[path] = content
        head.open = False
        return head

    @rule(commit=finished)
    def what_is_finished_stays_as_it_is(self, commit: ModelCommit) -> None:
        with pytest.raises(CommitFinished):
            self.client.put_file_bytes(commit.commit, "/late", b"late")
        assert self.client.get_files(commit.commit, "/", recursive=True) == commit.files
        paths = [info.path for info in self.client.list_file(commit.commit, "/", recursive=True)]
        assert paths == sorted(commit.files, key=lambda path: path.split("/"))

    @precondition(lambda self: not self.reopened)
    @rule()
    def reopen(self) -> None:
        """The server ends and another one takes over its data."""
        self.server.stop()
        self.server.start()
        self.reopened = True

    @invariant()
    def heads_are_as_they_should(self) -> None:
        for branch, head in self.model.heads.items():
            if head is None:
                continue
            commits = list(self.client.list_commit(self.repo, to_commit=branch))
            assert [info.commit.id for info in commits] == head.ancestry()
            assert commits[0].state.done is not head.open
            assert self.client.get_files((self.repo, branch), "/", recursive=True) == head.files


@pytest.fixture(params=[pytest.param("1.13.4", marks=pytest.mark.thorough), "2.11.6"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    with DevServer(request.param, tmp_path_factory.mktemp("pachyderm")) as server:
        yield server


@pytest.mark.long
def test_any_history(server: DevServer, pytestconfig: pytest.Config) -> None:
    machine = type("HistoryOfThisServer", (History,), {"server": server})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20 if pytestconfig.getoption("--thorough") else 8,
            stateful_step_count=25,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
