"""Random writes to files, and what any server has to hold after them: a plain model, without a server."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from hypothesis import strategies as st

# names of files and of directories differ, so that no path is ever both
FILES = ("/a", "/d/1", "/d/2", "/d/e/3", "/d2/1", "/z/1", "/z/e/3")
DIRECTORIES = ("/", "/d", "/d/e", "/d2", "/z", "/n")
BRANCHES = ("master", "other")
DATUMS = ("", "", "one")


@dataclass(frozen=True)
class File:
    """What a file holds.

    :param datum: what it was put with; a commit in which two datums have put to one path fails.
    """

    content: bytes
    datum: str = ""


Files: TypeAlias = "dict[str, File]"


@dataclass(frozen=True)
class Put:
    """Write a file."""

    path: str
    content: bytes
    append: bool
    datum: str = ""


@dataclass(frozen=True)
class Delete:
    """Delete a file or a directory: what was put without a datum."""

    path: str


@dataclass(frozen=True)
class Copy:
    """Copy a file to a file, or a directory to a directory.

    :param back: from how many commits before, on any branch; 0 is from what is written to.
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
    DROPPED = "in a commit that is dropped then"
    RAISED = "in one commit() with a body that raises"

    @property
    def lasts(self) -> bool:
        return self not in (Way.DROPPED, Way.RAISED)


@dataclass(frozen=True)
class Round:
    """Operations that are made on a branch in one way, one after the other."""

    branch: str
    way: Way
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class SetBranch:
    """Make a branch of a commit, or move it there.

    :param back: how many commits before, on any branch; 1 is the newest one.
    """

    name: str
    back: int


@dataclass(frozen=True)
class DeleteBranch:
    """Delete a branch; its commits stay."""

    name: str


@dataclass(frozen=True)
class DeleteCommit:
    """Delete a finished commit; those after it keep its files."""

    back: int


Step: TypeAlias = "Round | SetBranch | DeleteBranch | DeleteCommit"

_content = st.binary(min_size=1, max_size=3)
_files, _directories = st.sampled_from(FILES), st.sampled_from(DIRECTORIES)
_operations: st.SearchStrategy[Operation] = st.one_of(
    st.builds(Put, _files, _content, st.booleans(), st.sampled_from(DATUMS)),
    st.builds(Delete, _files | _directories),
    st.builds(Copy, _files, _files, st.booleans(), st.integers(0, 2)),
    st.builds(Copy, _directories, _directories, st.booleans(), st.integers(0, 2)),
)
_branches, _commits = st.sampled_from(BRANCHES), st.integers(1, 3)
_rounds = st.builds(
    Round, _branches, st.sampled_from(Way), st.lists(_operations, min_size=2, max_size=6).map(tuple)
)  # fmt: skip
_others: st.SearchStrategy[Step] = st.one_of(
    st.builds(SetBranch, _branches, _commits),
    st.builds(DeleteBranch, _branches),
    st.builds(DeleteCommit, _commits),
)
_some = tuple(Put(path, path[-1:].encode(), False, "one" if path == "/d/2" else "") for path in FILES[:5])
FIRST = Round("master", Way.BLOCK, _some)
"""What each history begins with: so that there is something to copy and to delete."""
HISTORIES = st.lists(st.one_of(_rounds, _rounds, _others), min_size=2, max_size=7)


def below(files: Files, path: str) -> Files:
    """Give the files at a path, or in the directory that it names."""
    inside = path.rstrip("/") + "/"
    return {each: file for each, file in files.items() if each == path or each.startswith(inside)}


def after(files: Files, operation: Operation, source: Files) -> Files:
    """Give the files that there are after an operation.

    :param source: those that a copy is made from.
    """
    if isinstance(operation, Put):
        kept = files[operation.path].content if operation.append and operation.path in files else b""
        return {**files, operation.path: File(kept + operation.content, operation.datum)}
    gone = {path for path, file in below(files, operation.path).items() if not file.datum}
    left = {path: file for path, file in files.items() if path not in gone}
    if isinstance(operation, Delete):
        return left
    copied = {
        _moved(path, operation.source, operation.path): file.content
        for path, file in below(source, operation.source).items()
    }
    if operation.append:
        before = {path: files[path].content for path in copied if path in files}
        return {**files, **{path: File(before.get(path, b"") + content) for path, content in copied.items()}}
    return {**left, **{path: File(content) for path, content in copied.items()}}


def mixes_datums(files: Files, operation: Operation, source: Files) -> bool:
    """Say whether two datums would have put to one path then."""
    if isinstance(operation, Delete):
        return False
    made = after(files, operation, source)
    return any(path in files and files[path].datum != file.datum for path, file in made.items())


def _moved(path: str, source: str, target: str) -> str:
    if path == source:
        return target
    return f"{target.rstrip('/')}/{path[len(source.rstrip('/')) + 1 :]}"
