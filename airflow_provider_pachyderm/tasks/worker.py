"""The worker of an output branch: fills the commits that the server opens there, the oldest first, each once.

The server makes these commits when something is written to the branches that theirs is made from. They have no
description before they are finished, so the signature of a task tells only which ones it has ended.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm._urls import masked
from airflow_provider_pachyderm.client import (
    AlreadyExists,
    BranchNotFound,
    Commit,
    CommitDeleted,
    CommitFailed,
    CommitFinished,
    CommitInfo,
    CommitState,
    Conflict,
    FileType,
    NotFound,
    OutputBranch,
    PachydermError,
    RepoNotFound,
    parse_branch,
)
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._refs import same_repo
from airflow_provider_pachyderm.tasks.commit_starter import OPEN_COMMIT_TIMEOUT
from airflow_provider_pachyderm.tasks.commits import TaskCommits, has_ended
from airflow_provider_pachyderm.tasks.finished import NO_COMMIT_YET, failure
from airflow_provider_pachyderm.tasks.identity import Marker, Writer

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import PfsClient
    from airflow_provider_pachyderm.tasks.connected import Connected

log = logging.getLogger(__name__)

_FAILED = "Failed: "
_LONGEST_ERROR = 2000
_GONE = (NotFound, CommitDeleted, OutputBranch)


class OutputWorker:
    """Fills the commits of one output branch, as a task.

    :param hook: makes the clients of what is written beside the branch (1.x)
    :param client: the task's client
    :param repo: the repo of the output branch
    :param branch: the output branch
    :param context: of the task
    """

    def __init__(self, hook: Connected, client: PfsClient, repo: str, branch: str, context: Context) -> None:
        self._hook = hook
        self._client = client
        self._branch = parse_branch((repo, branch), client.config.project)
        self._context = context
        self._marker = Marker.of(context)
        self._capabilities = Capabilities(client.version())
        self._capabilities.require(Feature.OUTPUT_FROM_OUTSIDE)

    def make_branch(self, inputs: Sequence[str]) -> None:
        """Make the output branch, and its repo, unless they are there.

        :param inputs: the branches that it is made from
        :raises Conflict: the branch is there and made from others
        """
        wanted = [parse_branch(each, self._client.config.project) for each in inputs]
        try:
            info = self._client.inspect_branch(self._branch.repo, self._branch.name)
        except (RepoNotFound, BranchNotFound):  # many servers only miss the branch
            with suppress(AlreadyExists):
                self._client.create_repo(self._branch.repo)
        else:
            missing = [
                branch
                for branch in wanted
                if not any(same_repo(branch.repo, each.repo) and branch.name == each.name for each in info.provenance)
            ]
            if missing:
                raise Conflict(
                    f"Branch {self._branch} is not made from {', '.join(map(str, missing))}, but from "
                    f"{', '.join(map(str, info.provenance)) or 'no other branch'}: name those, or another branch",
                    reference=str(self._branch),
                )
            return
        self._client.create_branch(self._branch.repo, self._branch.name, provenance=wanted)
        log.info("Made branch %s from %s", self._branch, ", ".join(map(str, wanted)))

    def done(self) -> CommitInfo | None:
        """Find the commit that an earlier try has finished.

        :raises CommitFailed: it finished it as failed, and the task was not cleared since
        """
        try:
            newest_first = self._client.list_commit(self._branch.repo, to_commit=self._branch.name)
        except NO_COMMIT_YET:
            return None
        with closing(newest_first):
            for info in newest_first:
                if self._marker.since and info.finished and info.finished < self._marker.since:
                    return None
                if not self._marker.is_task_of(info):
                    continue
                if info.state is CommitState.FINISHING:
                    info = self._client.inspect_commit(info.commit, wait=CommitState.FINISHED)
                self._tidy(self._client, info)
                if not has_failed(info):
                    return self._named(info)
                if self._marker.is_generation_of(info):
                    raise failure(replace(info, error=info.error or info.description))
        return None

    def fill(self, info: CommitInfo, description: str | None, write: Callable[[Commit], object]) -> CommitInfo:
        """Have an open commit written, and finish it.

        It begins with the files of the commit before it; what an earlier try wrote there is gone. On 1.x, where nobody
        could take that away, it is written to a commit of the task's own first and copied from there.

        :param description: the user's text
        :param write: writes to the commit that it is given
        :raises CommitFailed: the server refused what was written
        """
        if info.parent is not None:
            self._client.inspect_commit(info.parent, wait=CommitState.FINISHED)
        if Feature.CLEAR_COMMIT in self._capabilities:
            self._client.clear_commit(info.commit)
            write(info.commit)
            return self._finish(info.commit, self._marker.sign(description))
        aside = self._aside(self._client, info)
        aside.write(self._context, write)
        aside.copy()
        done = self._finish(info.commit, self._marker.sign(description))
        aside.remove()
        return done

    def pass_by(self, info: CommitInfo, description: str) -> CommitInfo:
        """Finish an open commit as it began, so that later ones can be."""
        done = self._finish(info.commit, self._unsigned(description))
        self._tidy(self._client, info)
        return done

    def give_up(self, info: CommitInfo, error: BaseException) -> None:
        """Finish an open commit as failed; 1.x keeps the files of the one before, and the error as its description.

        It never raises, as there is an error already.
        """
        text = masked(f"{type(error).__name__}: {error}")[:_LONGEST_ERROR]
        try:
            with self._hook.client() as client:  # the task's own may be what broke
                if Feature.COMMIT_ERROR in self._capabilities:
                    client.finish_commit(info.commit, description=self._marker.sign(None), error=text)
                else:
                    client.finish_commit(info.commit, description=self._marker.sign(f"{_FAILED}{text}"))
                client.inspect_commit(info.commit, wait=CommitState.FINISHED, timeout=client.config.timeout)
                self._tidy(client, info)
            log.info("Finished commit %s as failed: %s", info.commit, text)
        except (CommitFinished, *_GONE):
            return
        except Exception:
            log.exception("Could not finish commit %s as failed: the next run of the task takes it", info.commit)

    def _finish(self, commit: Commit, description: str) -> CommitInfo:
        self._client.finish_commit(commit, description=description)
        return self._named(self._client.wait_commit(commit))

    def _unsigned(self, description: str) -> str:
        # A task that only passes it by has a commit of its own yet to fill.
        return f"{description} ({self._marker.writer})"

    def _tidy(self, client: PfsClient, info: CommitInfo) -> None:
        if Feature.CLEAR_COMMIT not in self._capabilities:
            self._aside(client, info).remove()

    def _aside(self, client: PfsClient, info: CommitInfo) -> _Aside:
        return _Aside(self._hook, client, self._branch.repo, self._branch.name, info, self._marker)

    def _named(self, info: CommitInfo) -> CommitInfo:
        return replace(info, commit=replace(info.commit, branch=self._branch.name))


class _Aside:
    """A commit on a branch of its own, in the same repo, that begins as an open output commit does (1.x).

    :param info: the output commit
    """

    def __init__(
        self, hook: Connected, client: PfsClient, repo: Any, branch: str, info: CommitInfo, marker: Marker
    ) -> None:
        self._hook = hook
        self._client = client
        self._repo = repo
        self._output = info
        self._marker = marker
        self._branch = f"{branch}-{str(info.commit.id)[:12]}"
        self._made: Commit | None = None

    def write(self, context: Context, write: Callable[[Commit], object]) -> None:
        """Have it written, unless an earlier try has done so."""
        self._begin()
        commits = TaskCommits(
            self._hook,
            self._client,
            repo=str(self._repo),
            branch=self._branch,
            marker=self._marker,
            timeout=OPEN_COMMIT_TIMEOUT,
            open_commit="drop_ours",
            has_ended=lambda writer: has_ended(context, writer, with_its_run=False),
        )
        self._made = commits.write(f"Written for {self._output.commit}", write)

    def copy(self) -> None:
        """Make the output commit the same; what an earlier try copied is copied again."""
        assert self._made is not None
        with self._client.diff_file(self._made, "/") as pairs:
            changes = list(pairs)
        now = {new.path for new, _ in changes if new is not None and new.type is FileType.FILE}
        before = {old.path for _, old in changes if old is not None and old.type is FileType.FILE}
        for path in sorted(before - now):
            self._client.delete_file(self._output.commit, path)
        for path in sorted(now):
            self._client.copy_file(self._made, path, self._output.commit, path)

    def remove(self) -> None:
        """Take it away again. It never raises, as the output commit is finished."""
        parent = self._output.parent
        try:
            with suppress(*NO_COMMIT_YET):
                head = self._client.inspect_commit((self._repo, self._branch))
                if parent is None or head.commit.id != parent.id:
                    self._client.delete_commit(head.commit)
            self._client.delete_branch(self._repo, self._branch)
        except PachydermError as error:
            log.warning("Could not remove branch %s of %s, which is not needed: %s", self._branch, self._repo, error)

    def _begin(self) -> None:
        """Put the branch where the output commit began, unless an earlier try has left its commit there."""
        parent = self._output.parent
        with suppress(*NO_COMMIT_YET):
            head = self._client.inspect_commit((self._repo, self._branch))
            ours = self._marker.is_generation_of(head) or (parent is not None and head.commit.id == parent.id)
            if head.state.done and not ours:
                self._client.delete_commit(head.commit)
            return
        if parent is not None:
            self._client.create_branch(self._repo, self._branch, parent.id)


def has_failed(info: CommitInfo) -> bool:
    """Say whether a commit was finished as failed; on 1.x a worker of this provider says so in its description."""
    if info.state is CommitState.FAILED:
        return True
    return (
        info.state is CommitState.FINISHED and info.description.startswith(_FAILED) and Writer.signed(info) is not None
    )


def failed_input(inputs: Sequence[CommitInfo | None]) -> CommitFailed | None:
    """Make the error of the first input that failed, if one did."""
    for info in inputs:
        if info is not None and has_failed(info):
            return failure(replace(info, error=info.error or info.description))
    return None
