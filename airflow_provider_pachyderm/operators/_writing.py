"""Operators that write files: in a commit of their own, or in one that is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, get_args

from airflow_provider_pachyderm._compat import DEFERRABLE, AirflowArguments, Unpack
from airflow_provider_pachyderm._urls import masked, masked_url
from airflow_provider_pachyderm.client import CommitFinished, CommitState, FileType, parse_commit
from airflow_provider_pachyderm.client._local.names import BadNames, listed
from airflow_provider_pachyderm.client._paths import normalise
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import PachydermBranchLink, PachydermCommitLink, PachydermFileLink
from airflow_provider_pachyderm.operators._finishing import DAY, FinishingArguments, FinishingOperator, WaitFor
from airflow_provider_pachyderm.operators._sources import Choice, Source, find_source, local_uri
from airflow_provider_pachyderm.tasks.arguments import check_choice, check_file_path, check_path, check_target
from airflow_provider_pachyderm.tasks.commit_starter import OPEN_COMMIT_TIMEOUT, OpenCommit
from airflow_provider_pachyderm.tasks.commits import TaskCommits, has_ended
from airflow_provider_pachyderm.tasks.finished import finished_commit, newest_finished
from airflow_provider_pachyderm.tasks.identity import Marker
from airflow_provider_pachyderm.tasks.lineage import report_input, report_source
from airflow_provider_pachyderm.tasks.texts import files_text, size_text
from airflow_provider_pachyderm.tasks.unsigned import ExpectedContent

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import Commit, CommitInfo, PfsClient


PathT = TypeVar("PathT", bound="str | Sequence[str]")


class _WriteOperator(FinishingOperator, Generic[PathT]):
    """Base of the operators that write files: a marked commit of their own, or one that is given."""

    template_fields_renderers: ClassVar[dict[str, str]] = {"description": "md"}
    operator_extra_links = (PachydermCommitLink(), PachydermBranchLink(), PachydermFileLink())

    def __init__(
        self,
        *,
        path: PathT,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        append: bool = False,
        description: str | None = None,
        open_commit: OpenCommit = "wait",
        open_commit_timeout: float = OPEN_COMMIT_TIMEOUT,
        **kwargs: Unpack[FinishingArguments],
    ) -> None:
        super().__init__(**kwargs)
        check_choice("open_commit", open_commit, get_args(OpenCommit))
        self.path: PathT = path
        self.repo = repo
        self.branch = branch
        self.commit = commit
        self.append = append
        self.description = description
        self.open_commit: OpenCommit = open_commit
        self.open_commit_timeout = open_commit_timeout

    def execute(self, context: Context) -> str:
        """Write, and return the commit; its details go to the XCom ``commit_info``."""
        check_target(self.repo, self.branch, self.commit)
        self._check()
        with self._client() as client:
            if self.commit:
                return self._into_given(context, client, self.commit)
            return self._settle(context, client, *self._into_own(context, client))

    def _check(self) -> None:
        """Refuse arguments that make no sense; templates are rendered by now."""

    def _write(self, client: PfsClient, commit: Commit) -> str:
        """Write, and say for the log what was written."""
        raise NotImplementedError

    def _written(self) -> Sequence[str]:
        return [self.path] if isinstance(self.path, str) else list(self.path)

    def _is_own(self, context: Context, info: CommitInfo) -> bool:
        return Marker.of(context).is_generation_of(info)

    def _into_own(self, context: Context, client: PfsClient) -> tuple[Commit, str]:
        """Write in a commit of the task's own; return it, and what was done for the log."""
        commits = TaskCommits(
            self.hook,
            client,
            repo=str(self.repo),
            branch=self.branch or "master",
            marker=Marker.of(context),
            timeout=self.open_commit_timeout,
            open_commit=self.open_commit,
            has_ended=lambda writer: has_ended(context, writer, with_its_run=False),
        )
        written: list[str] = []
        commit = commits.write(
            self.description,
            lambda commit: written.append(self._write(client, commit)),
            lambda: self._expected(client),
        )
        return commit, _in_commit(written[0] if written else "Found what an earlier try had done", commit)

    def _expected(self, client: PfsClient) -> ExpectedContent:
        """Tell what the task writes, for servers that keep no descriptions."""
        raise NotImplementedError

    def _into_given(self, context: Context, client: PfsClient, commit: str) -> str:
        if self.partition_by_commit:
            raise ValueError(
                f"Commit {commit} is still open when this task has ended, so partition_by_commit is for the "
                "PachydermFinishCommitOperator that finishes it"
            )
        info = client.inspect_commit(commit)
        if info.state is not CommitState.OPEN:
            raise CommitFinished(
                f"Commit {info.commit} is finished and does not accept any more files", reference=str(info.commit)
            )
        if self.append and self.retries:
            self.log.warning("If this task is retried, it appends the same content to %s again", info.commit)
        self._log_result(_in_commit(self._write(client, info.commit), info.commit))
        return self._report(context, client.inspect_commit(info.commit))


class PachydermPutFileOperator(_WriteOperator[str]):
    """Put content, a file or a directory into Pachyderm, as one commit.

    The task starts a commit, writes, finishes it and waits for it; if anything fails, it drops the commit. A retry
    finds the commit of an earlier try by a marker in its description, and does not make a second one. While another
    writer has an open commit on the branch, the task waits for it.

    Returns the commit as ``project/repo@branch=id``, which every ``commit`` argument takes; the XCom ``commit_info``
    has its details.

    Pachyderm calls: StartCommit, PutFile or ModifyFile, FinishCommit, InspectCommit; ListCommit in a retry; to drop,
    DeleteCommit or DropCommitSet.

    :param path: path in Pachyderm of the file, or of the directory for the files of a directory
    :param content: what to put; text is templated and encoded as UTF-8
    :param source: instead of ``content``: a local file or directory, a URL such as ``s3://conn_id@bucket/key``, or any
        path-like object with ``open()``, such as an ObjectStoragePath. A directory is put with everything below it. It
        is checked before the commit is started, so that a missing source or a name that cannot be stored fails early
    :param include: put only files of the directory that match one of these patterns: ``*.csv`` matches names at any
        depth, ``2026/*/*.csv`` paths below the directory
    :param exclude: leave out files that match one of these; a directory that matches is left out as a whole
    :param follow_links: also put the content of linked local directories. Otherwise these are skipped and logged
    :param bad_names: what to do with files whose names Pachyderm cannot store, as it only takes printable ASCII without
        ``*?[]{}()!@+^``: ``refuse`` fails and lists them, ``skip`` skips and logs them, ``quote`` writes these
        characters as ``%`` and hexadecimal digits
    :param repo: repo to write to, required unless ``commit`` is given
    :param branch: branch to commit on, ``master`` unless ``commit`` is given
    :param commit: put into this open commit instead, and leave it open
    :param append: append to existing files instead of replacing them. In a given ``commit``, a retry may append twice
    :param description: text to add to the commit's description
    :param open_commit: what to do about another writer's open commit: ``wait`` for it; ``drop_ours`` drops one that the
        same task started in another run, if Airflow reports that it ended there; ``fail`` fails at once
    :param open_commit_timeout: seconds to wait for it before failing
    :param wait_for: ``finished``: until the server has accepted the content of the task's own commit; ``downstream``:
        until the commits that pipelines make from it are finished, too
    :param wait_timeout: seconds to wait; the next try continues waiting
    :param deferrable: wait in the triggerer. Default: ``[operators] default_deferrable``
    :param partition_by_commit: give the asset events of the task's outlets the ID of the commit as their partition key
        (Airflow 3.3 and later). Such events start DAGs with a ``PartitionedAssetTimetable``, and none that is scheduled
        plainly on the asset
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = (
        "path", "content", "source", "include", "exclude", "repo", "branch", "commit", "description", "project",
        "pachyderm_conn_id",
    )  # fmt: skip

    def __init__(
        self,
        *,
        path: str,
        content: str | bytes | None = None,
        source: Any = None,
        include: str | Sequence[str] | None = None,
        exclude: str | Sequence[str] | None = None,
        follow_links: bool = False,
        bad_names: BadNames = "refuse",
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        append: bool = False,
        description: str | None = None,
        open_commit: OpenCommit = "wait",
        open_commit_timeout: float = OPEN_COMMIT_TIMEOUT,
        wait_for: WaitFor = "finished",
        wait_timeout: float = DAY,
        deferrable: bool = DEFERRABLE,
        partition_by_commit: bool = False,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            path=path,
            repo=repo,
            branch=branch,
            commit=commit,
            append=append,
            description=description,
            open_commit=open_commit,
            open_commit_timeout=open_commit_timeout,
            wait_for=wait_for,
            wait_timeout=wait_timeout,
            deferrable=deferrable,
            partition_by_commit=partition_by_commit,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        check_choice("bad_names", bad_names, get_args(BadNames))
        self.content = content
        self.source = source
        self.include = include
        self.exclude = exclude
        self.follow_links = follow_links
        self.bad_names: BadNames = bad_names
        self._found: Source | None = None

    def _check(self) -> None:
        if (self.content is None) == (self.source is None):
            raise ValueError("Give either content or source")
        if self.source is None:
            if not isinstance(self.content, (str, bytes)):
                raise TypeError(
                    f"content must be text or bytes, not {type(self.content).__name__} as returned by another task or "
                    "a template: convert it, for instance with json.dumps() or the filter tojson"
                )
            check_file_path(self.path)
        else:
            choice = Choice(self.include or (), self.exclude or (), self.follow_links, self.bad_names)
            self._found = find_source(self.path, self.source, choice)

    def _write(self, client: PfsClient, commit: Commit) -> str:
        if self._found is not None:
            self._found.put(client, commit, self._progress, append=self.append)
            done = f"{files_text(self._progress.files, self._progress.size_bytes)} from {masked(str(self.source))}"
        else:
            content = self._encoded()
            client.put_file_bytes(commit, self.path, content, append=self.append)
            done = files_text(1, len(content))
        return f"Put {done} to {_place(commit, self.path)}"

    def _encoded(self) -> bytes:
        return self.content.encode() if isinstance(self.content, str) else self.content or b""

    def _expected(self, client: PfsClient) -> ExpectedContent:
        if self._found is not None:
            return ExpectedContent(self._found.contents(), append=self.append)
        content = self._encoded()
        return ExpectedContent({normalise(self.path): lambda: [content]}, append=self.append)

    def _report(self, context: Context, info: CommitInfo) -> str:
        if self.source is not None and (uri := local_uri(self.source)):
            report_source(self.hook, uri)
        return super()._report(context, info)


class PachydermPutFileUrlOperator(_WriteOperator[str]):
    """Let the Pachyderm server fetch a URL into a file, in a commit like that of ``PachydermPutFileOperator``.

    The data do not pass through Airflow. Returns the commit as ``project/repo@branch=id``.

    Pachyderm calls: StartCommit, PutFile or ModifyFile with a URL, FinishCommit, InspectCommit.

    :param url: URL to fetch: ``http(s)://``, or of an object store that the server has credentials for
    :param path: path of the file in Pachyderm
    :param recursive: fetch all objects below the URL of an object store; ``path`` is then a directory
    :param repo: repo to write to, required unless ``commit`` is given
    :param branch: branch to commit on, ``master`` unless ``commit`` is given
    :param commit: put into this open commit instead, and leave it open
    :param append: append to an existing file instead of replacing it. In a given ``commit``, a retry may append twice
    :param description: text to add to the commit's description
    :param open_commit: what to do about another writer's open commit: ``wait`` for it; ``drop_ours`` drops one that the
        same task started in another run, if Airflow reports that it ended there; ``fail`` fails at once
    :param open_commit_timeout: seconds to wait for it before failing
    :param wait_for: ``finished``: until the server has accepted the content of the task's own commit; ``downstream``:
        until the commits that pipelines make from it are finished, too
    :param wait_timeout: seconds to wait; the next try continues waiting
    :param deferrable: wait in the triggerer. Default: ``[operators] default_deferrable``
    :param partition_by_commit: give the asset events of the task's outlets the ID of the commit as their partition key
        (Airflow 3.3 and later). Such events start DAGs with a ``PartitionedAssetTimetable``, and none that is scheduled
        plainly on the asset
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = (
        "url",
        "path",
        "repo",
        "branch",
        "commit",
        "description",
        "project",
        "pachyderm_conn_id",
    )

    def __init__(
        self,
        *,
        url: str,
        path: str,
        recursive: bool = False,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        append: bool = False,
        description: str | None = None,
        open_commit: OpenCommit = "wait",
        open_commit_timeout: float = OPEN_COMMIT_TIMEOUT,
        wait_for: WaitFor = "finished",
        wait_timeout: float = DAY,
        deferrable: bool = DEFERRABLE,
        partition_by_commit: bool = False,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            path=path,
            repo=repo,
            branch=branch,
            commit=commit,
            append=append,
            description=description,
            open_commit=open_commit,
            open_commit_timeout=open_commit_timeout,
            wait_for=wait_for,
            wait_timeout=wait_timeout,
            deferrable=deferrable,
            partition_by_commit=partition_by_commit,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        self.url = url
        self.recursive = recursive

    def _check(self) -> None:
        if not self.url:
            raise ValueError("The URL is empty")
        if not self.recursive:
            check_file_path(self.path)

    def _write(self, client: PfsClient, commit: Commit) -> str:
        client.put_file_url(commit, self.path, self.url, self.recursive, append=self.append)
        return f"Put {masked_url(self.url)} to {_place(commit, self.path)}"

    def _expected(self, client: PfsClient) -> ExpectedContent:
        path = normalise(self.path)
        return ExpectedContent(below=path) if self.recursive else ExpectedContent({path: None})

    def _report(self, context: Context, info: CommitInfo) -> str:
        report_source(self.hook, self.url)
        return super()._report(context, info)


class PachydermCopyFileOperator(_WriteOperator[str]):
    """Copy a file or directory from any commit, in a commit like that of ``PachydermPutFileOperator``.

    The server copies; no data pass through Airflow. Returns the commit as ``project/repo@branch=id``.

    Pachyderm calls: StartCommit, CopyFile or ModifyFile, FinishCommit, InspectCommit.

    :param source_commit: finished commit to copy from, or ``repo@branch`` for its newest finished commit
    :param source_path: file, or directory with everything below it
    :param path: path of the copy
    :param repo: repo to write to, required unless ``commit`` is given
    :param branch: branch to commit on, ``master`` unless ``commit`` is given
    :param commit: copy into this open commit instead, and leave it open
    :param append: append to existing files instead of replacing them. In a given ``commit``, a retry may append twice
    :param description: text to add to the commit's description
    :param open_commit: what to do about another writer's open commit: ``wait`` for it; ``drop_ours`` drops one that the
        same task started in another run, if Airflow reports that it ended there; ``fail`` fails at once
    :param open_commit_timeout: seconds to wait for it before failing
    :param wait_for: ``finished``: until the server has accepted the content of the task's own commit; ``downstream``:
        until the commits that pipelines make from it are finished, too
    :param wait_timeout: seconds to wait; the next try continues waiting
    :param deferrable: wait in the triggerer. Default: ``[operators] default_deferrable``
    :param partition_by_commit: give the asset events of the task's outlets the ID of the commit as their partition key
        (Airflow 3.3 and later). Such events start DAGs with a ``PartitionedAssetTimetable``, and none that is scheduled
        plainly on the asset
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = (
        "source_commit", "source_path", "path", "repo", "branch", "commit", "description", "project",
        "pachyderm_conn_id",
    )  # fmt: skip

    def __init__(
        self,
        *,
        source_commit: str,
        source_path: str,
        path: str,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        append: bool = False,
        description: str | None = None,
        open_commit: OpenCommit = "wait",
        open_commit_timeout: float = OPEN_COMMIT_TIMEOUT,
        wait_for: WaitFor = "finished",
        wait_timeout: float = DAY,
        deferrable: bool = DEFERRABLE,
        partition_by_commit: bool = False,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            path=path,
            repo=repo,
            branch=branch,
            commit=commit,
            append=append,
            description=description,
            open_commit=open_commit,
            open_commit_timeout=open_commit_timeout,
            wait_for=wait_for,
            wait_timeout=wait_timeout,
            deferrable=deferrable,
            partition_by_commit=partition_by_commit,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        self.source_commit = source_commit
        self.source_path = source_path

    def _check(self) -> None:
        check_path(self.path)

    def _write(self, client: PfsClient, commit: Commit) -> str:
        source = self._source(client)
        client.copy_file(source, self.source_path, commit, self.path, append=self.append)
        size = size_text(client.inspect_file(source, self.source_path).size_bytes)
        return f"Copied {source}:{normalise(self.source_path)} ({size}) to {_place(commit, self.path)}"

    def _source(self, client: PfsClient) -> Commit:
        source = parse_commit(self.source_commit)
        if source.id or not source.branch:
            return finished_commit(client, source)
        # The head may be the commit that this task has just started.
        return newest_finished(client, str(source.repo), source.branch)

    def _expected(self, client: PfsClient) -> ExpectedContent:
        source, origin = self._source(client), normalise(self.source_path)
        with client.walk_file(source, origin) as infos:
            files = [info.path for info in infos if info.type is FileType.FILE]
        contents = {self._copy_of(path, origin): partial(_content, client, source, path) for path in files}
        return ExpectedContent(contents, append=self.append)

    def _copy_of(self, path: str, origin: str) -> str:
        return normalise(f"{self.path}/{path[len(origin.rstrip('/')) :]}")

    def _report(self, context: Context, info: CommitInfo) -> str:
        report_input(self.hook, parse_commit(self.source_commit), [self.source_path])
        return super()._report(context, info)


class PachydermDeleteFileOperator(_WriteOperator[str | Sequence[str]]):
    """Delete files, in a commit like that of ``PachydermPutFileOperator``. A missing file is not an error.

    Earlier commits keep the files. Returns the commit as ``project/repo@branch=id``.

    Pachyderm calls: StartCommit, DeleteFile or ModifyFile, FinishCommit, InspectCommit.

    :param path: one or several files or directories; directories with everything below them
    :param repo: repo to write to, required unless ``commit`` is given
    :param branch: branch to commit on, ``master`` unless ``commit`` is given
    :param commit: delete in this open commit instead, and leave it open
    :param description: text to add to the commit's description
    :param open_commit: what to do about another writer's open commit: ``wait`` for it; ``drop_ours`` drops one that the
        same task started in another run, if Airflow reports that it ended there; ``fail`` fails at once
    :param open_commit_timeout: seconds to wait for it before failing
    :param wait_for: ``finished``: until the server has accepted the content of the task's own commit; ``downstream``:
        until the commits that pipelines make from it are finished, too
    :param wait_timeout: seconds to wait; the next try continues waiting
    :param deferrable: wait in the triggerer. Default: ``[operators] default_deferrable``
    :param partition_by_commit: give the asset events of the task's outlets the ID of the commit as their partition key
        (Airflow 3.3 and later). Such events start DAGs with a ``PartitionedAssetTimetable``, and none that is scheduled
        plainly on the asset
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("path", "repo", "branch", "commit", "description", "project", "pachyderm_conn_id")

    def __init__(
        self,
        *,
        path: str | Sequence[str],
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        description: str | None = None,
        open_commit: OpenCommit = "wait",
        open_commit_timeout: float = OPEN_COMMIT_TIMEOUT,
        wait_for: WaitFor = "finished",
        wait_timeout: float = DAY,
        deferrable: bool = DEFERRABLE,
        partition_by_commit: bool = False,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            path=path,
            repo=repo,
            branch=branch,
            commit=commit,
            description=description,
            open_commit=open_commit,
            open_commit_timeout=open_commit_timeout,
            wait_for=wait_for,
            wait_timeout=wait_timeout,
            deferrable=deferrable,
            partition_by_commit=partition_by_commit,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )

    def _write(self, client: PfsClient, commit: Commit) -> str:
        with client.modify(commit) as changes:
            for path in self._written():
                changes.delete(path)
        return f"Deleted {listed(self._written())} from {_branch(commit)}"

    def _expected(self, client: PfsClient) -> ExpectedContent:
        return ExpectedContent(deleted=tuple(self._written()))


def _content(client: PfsClient, commit: Commit, path: str) -> Iterator[bytes]:
    with client.get_file(commit, path) as reader:
        yield from reader


def _place(commit: Commit, path: str) -> str:
    return f"{_branch(commit)}:{normalise(path)}"


def _branch(commit: Commit) -> str:
    return str(replace(commit, id=None) if commit.branch else commit.repo)


def _in_commit(done: str, commit: Commit) -> str:
    return f"{done} in commit {commit}"
