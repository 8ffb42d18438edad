"""What a block of code reads and writes: a finished commit that it is given, or one of its own that ends with it.

``PachydermHook.read`` and ``write`` are these for a ``with`` block, ``@task.pachyderm`` for a function.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._compat import object_storage_path
from airflow_provider_pachyderm.client import (
    Branch,
    Commit,
    CommitFailed,
    CommitFinished,
    CommitInfo,
    CommitState,
    InvalidReference,
    _paths,
    parse_branch,
    parse_commit,
)
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT
from airflow_provider_pachyderm.tasks.commit_starter import OPEN_COMMIT_TIMEOUT, OpenCommit
from airflow_provider_pachyderm.tasks.commits import TaskCommits, Written, has_ended
from airflow_provider_pachyderm.tasks.finished import finished_commit, newest_finished, remove_refused
from airflow_provider_pachyderm.tasks.identity import Marker, NoTask, Writer
from airflow_provider_pachyderm.tasks.lineage import report_input, report_output
from airflow_provider_pachyderm.tasks.texts import seconds_text, size_text

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context, ObjectStoragePath
    from airflow_provider_pachyderm.client import CommitLike, PfsClient
    from airflow_provider_pachyderm.tasks.connected import Connected

__all__ = ["CommitToRead", "CommitToWrite", "reading", "writing"]

log = logging.getLogger(__name__)

_FILESYSTEM = "airflow_provider_pachyderm.fs.filesystem.PachydermFileSystem"


class _TaskCommit:
    """A commit, with the ways to its files.

    :param hook: its connection leads there
    :param client: a client for the time of the block
    """

    def __init__(self, hook: Connected, client: PfsClient) -> None:
        self._hook = hook
        self.client = client

    @property
    def commit(self) -> Commit:
        """The commit, with branch and ID. Every call of a client takes this object in its place."""
        raise NotImplementedError

    def url(self, path: str = "/") -> str:
        """Return the URL of a file or directory in this commit, for fsspec and what opens URLs with it.

        pandas does: ``frame.to_parquet(commit.url("/a.parquet"))``. What takes files instead, as pyarrow does, gets
        ``commit.path("/a.parquet").open("rb")``.

        :param path: path in Pachyderm
        :return: ``pfs://conn_id@project.repo/<id>/path``
        """
        from fsspec import register_implementation  # type: ignore[import-untyped]

        register_implementation("pfs", _FILESYSTEM, clobber=True)  # by its name: it is imported with its first use
        place = "/".join(part for part in (self._bucket(), str(self.commit.id), _paths.normalise(path)[1:]) if part)
        return f"pfs://{self._hook.pachyderm_conn_id}@{place}"

    def path(self, path: str = "/") -> ObjectStoragePath:
        """Return a file or directory in this commit as Airflow's path of object storage, with the methods of pathlib.

        :param path: path in Pachyderm
        """
        return object_storage_path(self.url(path))

    def __str__(self) -> str:
        """Return the commit as ``project/repo@branch=id``, which every ``commit`` argument takes, and an XCom."""
        return str(self.commit)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"

    def _bucket(self) -> str:
        # A path names the project, unless it is the one of the connection.
        repo = self.commit.repo
        own = self._hook.project is None and (self._hook.config().project or DEFAULT_PROJECT)
        return repo.name if repo.project in (None, own) else f"{repo.project}.{repo.name}"


class CommitToRead(_TaskCommit):
    """A finished commit: the same files for as long as they are read, whatever is committed meanwhile.

    :ivar info: what the server says of it
    :ivar client: a client, which is closed with the block
    """

    def __init__(self, hook: Connected, client: PfsClient, info: CommitInfo) -> None:
        super().__init__(hook, client)
        self.info = info

    @property
    def commit(self) -> Commit:
        """The commit, with branch and ID. Every call of a client takes this object in its place."""
        return self.info.commit


class CommitToWrite(_TaskCommit):
    """An open commit, which the end of the block finishes, or drops if it raises.

    :ivar info: what the server says of it once it is finished; until then None
    :ivar client: a client, which is closed with the block
    """

    def __init__(self, hook: Connected, client: PfsClient, written: Written) -> None:
        super().__init__(hook, client)
        self._written = written
        self.info: CommitInfo | None = None

    @property
    def commit(self) -> Commit:
        """The commit, with branch and ID. Every call of a client takes this object in its place.

        In a retry, this is another one while the block runs than afterwards if an earlier try had finished its commit.
        """
        return self._written.commit

    def drop(self) -> None:
        """Drop the commit while the block runs; what the block writes afterwards is refused."""
        self._written.drop()


class _Blocks:
    """The blocks of this process that write: which commits are open, and how many a try has begun on each branch."""

    def __init__(self) -> None:
        self._begun: Counter[tuple[Writer, int, str]] = Counter()
        self.open: set[str] = set()

    def next_part(self, context: Context, branch: Branch) -> int:
        """Count the commit that a task begins on a branch."""
        ti: Any = context["ti"]
        key = (Writer.of(ti), ti.try_number, str(branch))
        self._begun[key] += 1
        return self._begun[key]


_blocks = _Blocks()


@contextmanager
def reading(hook: Connected, client: PfsClient, commit: CommitLike) -> Iterator[CommitToRead]:
    """Give a finished commit to read from.

    :param commit: a commit, or a branch, whose newest finished commit is meant
    :raises BranchHasNoHead: the branch has none
    :raises CommitNotFinished: the commit is open
    :raises CommitFailed: it was finished with an error
    """
    target = parse_commit(commit, client.config.project)
    if target.id is None and target.branch is not None:
        pinned = newest_finished(client, str(target.repo), target.branch)
    else:
        found = finished_commit(client, target)
        pinned = replace(found, branch=found.branch or target.branch)
    info = replace(client.inspect_commit(pinned), commit=pinned)
    log.info("Reading commit %s", pinned)
    report_input(hook, pinned)
    yield CommitToRead(hook, client, info)


@contextmanager
def writing(
    hook: Connected,
    client: PfsClient,
    commit: CommitLike,
    *,
    context: Context | None,
    description: str | None = None,
    open_commit: OpenCommit = "wait",
    open_commit_timeout: float = OPEN_COMMIT_TIMEOUT,
) -> Iterator[CommitToWrite]:
    """Give an open commit to write to: one of a task's own on a branch, or one that is open already.

    :param commit: the branch, or an open commit, which stays open
    :param context: of the task; None for what is no task
    :raises CommitFinished: a commit was given that is finished
    :raises CommitNotFinished: another writer's commit stayed open on the branch
    :raises CommitFailed: the server refused what was written; the commit is deleted
    """
    target = parse_commit(commit, client.config.project)
    if target.id is not None:
        yield _given(hook, client, target)
        return
    branch = _branch(target)
    began = time.monotonic()
    marker = Marker.of(context, _blocks.next_part(context, branch)) if context else NoTask()
    commits = _commits(hook, client, branch, marker, context, open_commit, open_commit_timeout)
    with commits.writing(description) as written:
        to_write, id = CommitToWrite(hook, client, written), str(written.commit.id)
        _blocks.open.add(id)
        try:
            yield to_write
        finally:
            _blocks.open.discard(id)
    to_write.info = _accepted(client, to_write.commit, marker)
    size = "" if to_write.info.size_bytes is None else f" ({size_text(to_write.info.size_bytes)} in all)"
    done = "Wrote commit" if to_write.commit.id == id else "Kept what an earlier try wrote, commit"
    log.info("%s %s%s in %s", done, to_write.commit, size, seconds_text(time.monotonic() - began))
    report_output(hook, to_write.commit)


def _commits(
    hook: Connected,
    client: PfsClient,
    branch: Branch,
    marker: Marker,
    context: Context | None,
    open_commit: OpenCommit,
    open_commit_timeout: float,
) -> TaskCommits:
    def is_over(writer: Writer) -> bool:
        return context is not None and has_ended(context, writer, with_its_run=False)

    return TaskCommits(
        hook,
        client,
        repo=str(branch.repo),
        branch=branch.name,
        marker=marker,
        timeout=open_commit_timeout,
        open_commit=open_commit,
        has_ended=is_over,
        in_use=_blocks.open,
    )


def _given(hook: Connected, client: PfsClient, commit: Commit) -> CommitToWrite:
    info = client.inspect_commit(commit)
    if info.state is not CommitState.OPEN:
        raise CommitFinished(
            f"Commit {info.commit} is finished and does not accept any more files", reference=str(info.commit)
        )
    given = replace(info.commit, branch=info.commit.branch or commit.branch)
    return CommitToWrite(hook, client, Written(given, lambda: None))


def _branch(target: Commit) -> Branch:
    try:
        return parse_branch((target.repo, str(target.branch)))
    except InvalidReference as error:
        raise InvalidReference(
            f"{target} cannot be written to: name a branch, or an open commit with its ID"
        ) from error


def _accepted(client: PfsClient, commit: Commit, marker: Marker) -> CommitInfo:
    """Wait until the server has accepted a commit; one that it refuses is removed."""
    try:
        info = client.wait_commit(commit)
    except CommitFailed:
        remove_refused(client, commit, lambda info: isinstance(marker, NoTask) or marker.is_generation_of(info))
        raise
    return replace(info, commit=commit)
