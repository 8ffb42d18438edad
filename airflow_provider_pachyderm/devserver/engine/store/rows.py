"""The rows of the database, one class a table; what a query selects of others has a small class beside them."""

from __future__ import annotations

from typing import NamedTuple

from airflow_provider_pachyderm.devserver.engine.model import RepoKey


class ProjectRow(NamedTuple):
    """A project."""

    num: int
    name: str
    description: str
    created: int


class RepoRow(NamedTuple):
    """A repo.

    :param path: how it is named in other tables, ``project/name.type``.
    :param provenance: names of the repos that it is made from, as JSON (up to 1.6).
    :param size: bytes, as they were last counted (1.x).
    """

    num: int
    path: str
    project: str
    name: str
    type: str
    description: str
    created: int
    provenance: str
    size: int

    @property
    def key(self) -> RepoKey:
        """Its name."""
        return RepoKey(self.name, self.project, self.type)


class BranchRow(NamedTuple):
    """A branch.

    :param repo: number of its repo.
    :param head: number of a commit.
    :param moves_on: its trigger as JSON, or nothing.
    :param upstream: all branches that it is made from, as JSON (1.7 to 1.13).
    :param downstream: all branches that are made from it, likewise.
    """

    num: int
    repo: int
    name: str
    path: str
    head: int | None
    created: int
    updated: int
    moves_on: str
    upstream: str
    downstream: str


class CommitRow(NamedTuple):
    """A commit.

    :param repo: number of its repo.
    :param branch: number of the branch that it was made on, while there is that.
    :param branch_name: the name of that, for ever.
    :param parent: number of a commit.
    :param origin: a value of :class:`.Origin`.
    :param layer: the snapshot of its files, once it is finished.
    :param base_layer: the snapshot that it grows from, where that is not its parent's.
    :param downstream: ranges of the commits that are made from it, as JSON (1.7 to 1.13); then how many were counted.
    """

    num: int
    id: str
    repo: int
    branch: int | None
    branch_name: str
    parent: int | None
    origin: str
    description: str
    started: int
    finishing: int | None
    finished: int | None
    error: str
    size: int
    validated: int
    layer: str | None
    base_layer: str | None
    created: int
    updated: int
    downstream: str
    downstream_total: int
    downstream_finished: int
    downstream_failed: int


def num_of(row: BranchRow | CommitRow | None) -> int | None:
    """The number of a row, as others refer to it; None if there is none."""
    return None if row is None else row.num


class Link(NamedTuple):
    """What a commit is made from.

    :param input: number of that commit, while it is there.
    :param repo: path of its repo.
    :param branch: the branch by which it came; empty where only ids count.
    :param id: its id.
    """

    input: int | None
    repo: str
    branch: str
    id: str


class ProvenanceRow(NamedTuple):
    """One commit that another one is made from; the names are what 1.x goes on showing.

    :param downstream: number of the commit that is made from it.
    :param input: number of the commit itself while it exists.
    :param repo: path of its repo.
    """

    num: int
    downstream: int
    input: int | None
    repo: str
    branch_name: str
    id: str

    @property
    def link(self) -> Link:
        """What it says of the other one."""
        return Link(self.input, self.repo, self.branch_name, self.id)


class InputRow(NamedTuple):
    """A commit that others are made from.

    :param repo: path of its repo.
    :param input: its number, while it is there.
    """

    repo: str
    id: str
    input: int | None


class BranchNameRow(NamedTuple):
    """A branch as others name it.

    :param repo: path of its repo.
    """

    repo: str
    name: str


class ChangeRow(NamedTuple):
    """A change of files in a commit or a file set; see :mod:`.snapshots.encoding`.

    :param num: its own number, or that of its commit.
    """

    num: int
    kind: str
    change: str


class LayerFileRow(NamedTuple):
    """A file of a snapshot.

    :param content: what it consists of, as JSON; None: it was deleted.
    """

    path: str
    datum: str
    content: str | None


class TransactionRow(NamedTuple):
    """A transaction."""

    num: int
    id: str
    started: int


class RequestRow(NamedTuple):
    """A request of a transaction, and the answer to it, as they are sent.

    :param txn: number of the transaction.
    """

    num: int
    txn: int
    request: bytes
    response: bytes


class BindingRow(NamedTuple):
    """A role that somebody has."""

    principal: str
    role: str


class MetaRow(NamedTuple):
    """What is kept of the folder itself."""

    key: str
    value: str
