"""Random writes against a dictionary: what any server has to hold after them, and how they are made with the client.

It needs a client and a repo of its own, so it runs against a real server as well as against the dev server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from hypothesis import strategies as st

from airflow_provider_pachyderm.client import BranchHasNoHead, BranchNotFound, Commit, FileNotFound, PfsClient
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature

Files: TypeAlias = "dict[str, bytes]"

# names of files and of directories differ, so that no path is ever both
FILES = ("/a", "/d/1", "/d/2", "/d/e/3", "/d2/1", "/z/1", "/z/e/3")
DIRECTORIES = ("/", "/d", "/d/e", "/d2", "/z", "/n")


@dataclass(frozen=True)
class Put:
    """Write a file."""

    path: str
    content: bytes
    append: bool


@dataclass(frozen=True)
class Delete:
    """Delete a file or a directory."""

    path: str


@dataclass(frozen=True)
class Copy:
    """Copy a file to a file, or a directory to a directory.

    :param back: from how many commits before; 0 is from what is written to.
    """

    source: str
    path: str
    append: bool
    back: int


Operation: TypeAlias = "Put | Delete | Copy"


class Way(Enum):
    """How the operations of a round are made."""

    CALLS = "a call for each, on the branch"
    BLOCK = "in one commit()"
    MODIFY = "in one modify() of the branch"
    MODIFY_BLOCK = "in one modify() of a commit that something was written to"


@dataclass(frozen=True)
class Round:
    """Operations that are made in one way, one after the other."""

    way: Way
    operations: tuple[Operation, ...]


_content = st.binary(min_size=1, max_size=3)
_files, _directories = st.sampled_from(FILES), st.sampled_from(DIRECTORIES)
_operations: st.SearchStrategy[Operation] = st.one_of(
    st.builds(Put, _files, _content, st.booleans()),
    st.builds(Delete, _files | _directories),
    st.builds(Copy, _files, _files, st.booleans(), st.integers(0, 2)),
    st.builds(Copy, _directories, _directories, st.booleans(), st.integers(0, 2)),
)
ROUNDS = st.lists(
    st.builds(Round, st.sampled_from(Way), st.lists(_operations, min_size=1, max_size=5).map(tuple)),
    min_size=1,
    max_size=4,
)


def below(files: Files, path: str) -> Files:
    """Give the files at a path, or in the directory that it names."""
    inside = path.rstrip("/") + "/"
    return {each: content for each, content in files.items() if each == path or each.startswith(inside)}


def after(files: Files, operation: Operation, source: Files) -> Files:
    """Give the files that there are after an operation.

    :param source: those that a copy is made from.
    """
    if isinstance(operation, Put):
        kept = files.get(operation.path, b"") if operation.append else b""
        return {**files, operation.path: kept + operation.content}
    gone = below(files, operation.path)
    if isinstance(operation, Delete):
        return {path: content for path, content in files.items() if path not in gone}
    copied = {
        _moved(path, operation.source, operation.path): content
        for path, content in below(source, operation.source).items()
    }
    if operation.append:
        return {**files, **{path: files.get(path, b"") + content for path, content in copied.items()}}
    return {**{path: content for path, content in files.items() if path not in gone}, **copied}


def _moved(path: str, source: str, target: str) -> str:
    if path == source:
        return target
    return f"{target.rstrip('/')}/{path[len(source.rstrip('/')) + 1 :]}"


@dataclass
class Writer:
    """Makes rounds on a branch of a repo, and keeps the files that there are to be.

    :param history: the commits so far, with their files.
    """

    client: PfsClient
    repo: str
    files: Files = field(default_factory=dict)
    history: list[tuple[Commit, Files]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._capabilities = Capabilities(self.client.version())
        self._branch = f"{self.repo}@master"

    def make(self, round: Round) -> None:
        """Make a round; what no server or not this one can do is left out."""
        if round.way is Way.CALLS:
            for operation in round.operations:
                self._in_turn([operation], lambda done: self._call(self._branch, done), opened=False)
        elif round.way is Way.MODIFY:
            self._in_turn(round.operations, self._modify_branch, opened=False)
        else:
            self._in_turn(round.operations, lambda done: self._in_block(done, round.way), opened=True)

    def _in_turn(
        self, operations: Sequence[Operation], make: Callable[[list[Operation]], Commit | None], *, opened: bool
    ) -> None:
        """Make operations one after the other, and what they come to.

        :param opened: copies are made from the commit that is written to, not from the one before it.
        """
        before, files = dict(self.files), dict(self.files)
        done = []
        for operation in operations:
            source = self._source(operation, files if opened else before)
            if self._can(operation, source, alone=not opened and len(operations) == 1):
                files = after(files, operation, source)
                done.append(operation)
        commit = make(done) if done else None
        if commit is not None:
            self.files = files
            self.history.append((commit, files))

    def _source(self, operation: Operation, now: Files) -> Files:
        if not isinstance(operation, Copy) or not operation.back:
            return now
        return self.history[-operation.back][1] if operation.back <= len(self.history) else {}

    def _can(self, operation: Operation, source: Files, *, alone: bool) -> bool:
        if isinstance(operation, Delete) and operation.path == "/":
            return alone or Feature.READ_OPEN in self._capabilities
        if not isinstance(operation, Copy):
            return True
        inside = operation.source != operation.path and bool(below({operation.source: b""}, operation.path))
        refused = inside and not operation.append and operation.back <= 1
        return Feature.COPY_FILE in self._capabilities and bool(below(source, operation.source)) and not refused

    def _from(self, operation: Copy, target: str | Commit) -> str | Commit:
        return self.history[-operation.back][0] if operation.back else target

    def _call(self, target: str | Commit, operations: list[Operation]) -> Commit | None:
        written = None
        for operation in operations:
            if isinstance(operation, Put):
                written = self.client.put_file_bytes(target, operation.path, operation.content, append=operation.append)
            elif isinstance(operation, Delete):
                written = self.client.delete_file(target, operation.path)
            else:
                source = self._from(operation, target)
                written = self.client.copy_file(
                    source, operation.source, target, operation.path, append=operation.append
                )
        return written

    def _modify_branch(self, operations: list[Operation]) -> Commit | None:
        return self._modify(self._branch, operations)

    def _modify(self, target: str | Commit, operations: list[Operation]) -> Commit | None:
        with self.client.modify(target) as changes:
            for operation in operations:
                if isinstance(operation, Put):
                    changes.put(operation.path, operation.content, append=operation.append)
                elif isinstance(operation, Delete):
                    changes.delete(operation.path)
                else:
                    source = self._from(operation, target)
                    changes.copy(source, operation.source, operation.path, append=operation.append)
        return changes.commit

    def _in_block(self, operations: list[Operation], way: Way) -> Commit:
        with self.client.commit(self.repo, "master") as commit:
            if way is Way.BLOCK:
                self._call(commit, operations)
            else:
                self._call(commit, operations[:1])
                if operations[1:]:
                    self._modify(commit, operations[1:])
        return commit

    def found(self) -> Files:
        """Give the files that the server has at the head of the branch."""
        try:
            return self.client.get_files(self._branch, "/", recursive=True)
        except (BranchNotFound, BranchHasNoHead, FileNotFound):
            return {}

    def check(self) -> None:
        """Compare what there is with what there is to be, in the newest commits and at the head of the branch."""
        assert self.found() == self.files
        for commit, files in self.history[-3:]:
            held = self.client.get_files(commit, "/", recursive=True) if files else {}
            assert held == files, commit
