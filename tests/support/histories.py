"""Random histories of a repo, made with a client, and compared with what the model says.

It needs a client and a repo of its own, so it runs against a real server as well as against the dev server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from airflow_provider_pachyderm.client import BranchHasNoHead, BranchNotFound, Commit, Conflict, FileNotFound, PfsClient
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from tests.support.write_model import (
    BRANCHES,
    Copy,
    Delete,
    DeleteBranch,
    Files,
    Operation,
    Put,
    Round,
    SetBranch,
    Step,
    Way,
    after,
    below,
    mixes_datums,
)


@dataclass(frozen=True)
class Made:
    """A finished commit, and the files that it is to have.

    :param parent: the commit before it, which may have been deleted since.
    """

    commit: Commit
    files: Files
    parent: Made | None


class _Raised(Exception):
    """Ends the body of a ``commit()`` block."""


@dataclass
class History:
    """Makes steps in a repo, and keeps what there is to be.

    :param made: the commits that there are, the oldest first.
    :param heads: the commit at each branch that has one.
    :param shared: the ids of those that a branch was set to.
    """

    client: PfsClient
    repo: str
    made: list[Made] = field(default_factory=list)
    heads: dict[str, Made] = field(default_factory=dict)
    shared: set[str | None] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._capabilities = Capabilities(self.client.version())

    def make(self, step: Step) -> None:
        """Make a step; what no server or not this one can do is left out."""
        if isinstance(step, Round):
            self._round(step)
        elif isinstance(step, SetBranch):
            if there := self._back(step.back):
                self.client.set_branch(there.commit, step.name)
                self.heads[step.name] = there
                self.shared.add(there.commit.id)
        elif isinstance(step, DeleteBranch):
            self.client.delete_branch(self.repo, step.name)
            self.heads.pop(step.name, None)
        elif Feature.DELETE_FINISHED in self._capabilities and (there := self._back(step.back)):
            self._delete(there)

    def check(self) -> None:
        """Compare what there is with what there is to be, at the heads of all branches and in all commits."""
        for branch in BRANCHES:
            head = self.heads.get(branch)
            assert self._found(f"{self.repo}@{branch}") == _contents(head.files if head else {}), branch
        for each in self.made:
            assert self._found(each.commit) == _contents(each.files), each.commit
            if Feature.DATUM_FILES in self._capabilities:
                of_one = _contents({path: file for path, file in each.files.items() if file.datum == "one"})
                assert self._found(each.commit, "one") == of_one, each.commit

    def _found(self, commit: str | Commit, datum: str = "") -> dict[str, bytes]:
        try:
            return self.client.get_files(commit, "/", recursive=True, datum=datum)
        except (BranchNotFound, BranchHasNoHead, FileNotFound):
            return {}

    def _back(self, count: int) -> Made | None:
        return self.made[-count] if 0 < count <= len(self.made) else None

    def _delete(self, gone: Made) -> None:
        try:
            self.client.delete_commit(gone.commit)
        except Conflict:
            if not self._has_aliases or gone.commit.id not in self.shared:
                raise
            return
        self.made.remove(gone)
        for branch, head in list(self.heads.items()):
            if head is gone:
                before = self._living(gone.parent)
                if before is None:
                    del self.heads[branch]
                else:
                    self.heads[branch] = before

    def _living(self, made: Made | None) -> Made | None:
        while made is not None and not any(each is made for each in self.made):
            made = made.parent
        return made

    @property
    def _has_aliases(self) -> bool:
        """Whether a commit that a branch is set to gets another one beside it, which holds it (2.0 to 2.5)."""
        return Feature.COMMIT_SETS in self._capabilities and Feature.COMMIT_REPO not in self._capabilities

    # rounds

    def _round(self, round: Round) -> None:
        branch = f"{self.repo}@{round.branch}"
        plain = round.way in (Way.MODIFY, Way.MODIFY_BLOCK) or Feature.DATUM_FILES not in self._capabilities
        operations = [replace(each, datum="") if isinstance(each, Put) and plain else each for each in round.operations]
        if round.way is Way.CALLS:
            for operation in operations:
                self._in_turn(round, [operation], lambda done: self._call(branch, done), opened=False)
        elif round.way is Way.MODIFY:
            self._in_turn(round, operations, lambda done: self._modify(branch, done), opened=False)
        else:
            self._in_turn(round, operations, lambda done: self._in_commit(round, done), opened=True)

    def _in_turn(
        self,
        round: Round,
        operations: Sequence[Operation],
        make: Callable[[list[Operation]], Commit | None],
        *,
        opened: bool,
    ) -> None:
        """Make operations one after the other, and what they come to.

        :param opened: copies are made from the commit that is written to, not from the one before it.
        """
        head = self.heads.get(round.branch)
        before = files = head.files if head else {}
        done = []
        for operation in operations:
            source = self._source(operation, files if opened else before)
            alone = not opened and len(operations) == 1
            blurred = opened and self._blurs(files, operation, source)
            if self._can(operation, source, alone=alone) and not blurred and not mixes_datums(files, operation, source):
                files = after(files, operation, source)
                done.append(operation)
        commit = make(done) if done else None
        if commit is not None and round.way.lasts:
            self.heads[round.branch] = Made(commit, files, head)
            self.made.append(self.heads[round.branch])

    def _source(self, operation: Operation, now: Files) -> Files:
        if not isinstance(operation, Copy) or not operation.back:
            return now
        there = self._back(operation.back)
        return there.files if there else {}

    def _can(self, operation: Operation, source: Files, *, alone: bool) -> bool:
        if isinstance(operation, Delete) and operation.path == "/":
            return alone or Feature.READ_OPEN in self._capabilities
        if not isinstance(operation, Copy):
            return True
        inside = operation.source != operation.path and operation.source.startswith(operation.path.rstrip("/") + "/")
        refused = inside and not operation.append and operation.back <= 1
        return Feature.COPY_FILE in self._capabilities and bool(below(source, operation.source)) and not refused

    def _blurs(self, files: Files, operation: Operation, source: Files) -> bool:
        """Whether the server takes what is written in ``/d2`` for something in ``/d``, as long as the commit is open.

        1.x finds what was written to an open commit by how its path begins (D83): ``/d`` has ``/d/2/1`` in it then.
        """
        if Feature.COMMIT_SETS in self._capabilities:
            return False
        written = operation.path.startswith("/d2")
        return written or below(files, "/d2") != below(after(files, operation, source), "/d2")

    def _from(self, operation: Copy, target: str | Commit) -> str | Commit:
        return self.made[-operation.back].commit if operation.back else target

    def _call(self, target: str | Commit, operations: list[Operation]) -> Commit | None:
        written = None
        for operation in operations:
            if isinstance(operation, Put):
                written = self.client.put_file_bytes(
                    target, operation.path, operation.content, append=operation.append, datum=operation.datum
                )
            elif isinstance(operation, Delete):
                written = self.client.delete_file(target, operation.path)
            else:
                source = self._from(operation, target)
                written = self.client.copy_file(
                    source, operation.source, target, operation.path, append=operation.append
                )
        return written

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

    def _in_commit(self, round: Round, operations: list[Operation]) -> Commit:
        if round.way is Way.DROPPED:
            commit = self.client.start_commit(self.repo, round.branch)
            self._call(commit, operations)
            self.client.drop_commit(commit)
            return commit
        with suppress(_Raised), self.client.commit(self.repo, round.branch) as commit:
            if round.way is Way.MODIFY_BLOCK:
                self._call(commit, operations[:1])
                if operations[1:]:
                    self._modify(commit, operations[1:])
            else:
                self._call(commit, operations)
            if round.way is Way.RAISED:
                raise _Raised
        return commit


def _contents(files: Files) -> dict[str, bytes]:
    return {path: file.content for path, file in files.items()}
