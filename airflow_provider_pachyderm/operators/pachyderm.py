"""Operators: tasks that write to and read from Pachyderm."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow_provider_pachyderm.client import (
    AlreadyExists,
    BranchHasNoHead,
    CommitFailed,
    CommitFinished,
    CommitInfo,
    CommitNotFinished,
    CommitState,
)
from airflow_provider_pachyderm.hooks._target import check_target
from airflow_provider_pachyderm.operators._base import PachydermOperator
from airflow_provider_pachyderm.operators._commits import Marker, TaskCommits
from airflow_provider_pachyderm.operators._sources import put_source

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import Commit, DownloadedFile, PfsClient

COMMIT_INFO = "commit_info"
# A longer list of files goes to a manifest: XComs are for small values.
MOST_FILES_LISTED = 1000


class PachydermCreateRepoOperator(PachydermOperator):
    """Create a repo. Returns its name, with the project where the server has projects.

    Pachyderm calls: CreateRepo, InspectRepo.

    :param repo: name of the repo
    :param description: text for people
    :param if_exists: ``skip`` (leave it as it is), ``update`` (replace its description) or ``fail``. A retry of a task
        that created the repo finds it existing
    :param project: project of a repo named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("repo", "description", "project")

    def __init__(self, *, repo: str, description: str | None = None, if_exists: str = "skip", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if if_exists not in ("skip", "update", "fail"):
            raise ValueError(f'if_exists is "skip", "update" or "fail", not {if_exists!r}')
        self.repo = repo
        self.description = description
        self.if_exists = if_exists

    def execute(self, context: Context) -> str:
        """Create the repo."""
        with self._client() as client:
            try:
                client.create_repo(self.repo, self.description, update=self.if_exists == "update")
            except AlreadyExists:
                if self.if_exists == "fail":
                    raise
                self.log.info("Repo %s exists", self.repo)
            return str(client.inspect_repo(self.repo).repo)


class _WriteOperator(PachydermOperator):
    """Base of the operators that put files: a marked commit of their own, or one that is given."""

    def __init__(
        self,
        *,
        path: str,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        append: bool = False,
        description: str | None = None,
        open_commit_timeout: float = 600.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.path = path
        self.repo = repo
        self.branch = branch
        self.commit = commit
        self.append = append
        self.description = description
        self.open_commit_timeout = open_commit_timeout

    def execute(self, context: Context) -> str:
        """Write, and return the commit; its details go to the XCom ``commit_info``."""
        check_target(self.repo, self.branch, self.commit)
        self._check()
        with self._client() as client:
            info = self._into_given(client, self.commit) if self.commit else self._into_own(client, context)
        context["ti"].xcom_push(key=COMMIT_INFO, value=_as_dict(info))
        return str(info.commit)

    def _check(self) -> None:
        """Refuse arguments that make no sense; templates are rendered by now."""

    def _put(self, client: PfsClient, commit: Commit) -> None:
        raise NotImplementedError

    def _into_own(self, client: PfsClient, context: Context) -> CommitInfo:
        commits = TaskCommits(
            self.hook,
            client,
            repo=str(self.repo),
            branch=self.branch or "master",
            marker=Marker.of(context),
            patience=self.open_commit_timeout,
        )
        return commits.write(self.description, lambda commit: self._put(client, commit))

    def _into_given(self, client: PfsClient, commit: str) -> CommitInfo:
        info = client.inspect_commit(commit)
        if info.state is not CommitState.OPEN:
            raise CommitFinished(
                f"Commit {info.commit} is finished and takes no more files", reference=str(info.commit)
            )
        if self.append and self.retries:
            self.log.warning("A retry appends to %s again what this try has put already", info.commit)
        self._put(client, info.commit)
        return client.inspect_commit(info.commit)


class PachydermPutFileOperator(_WriteOperator):
    """Put content, a file or a directory into Pachyderm, as one commit.

    The commit is started, written, finished and waited for; if anything fails on the way, it is dropped. A retry finds
    the commit of an earlier try by a marker in its description, and makes no second one. While another writer has an
    open commit on the branch, the task waits for it.

    Returns the commit as ``project/repo@branch=id``, which every ``commit`` argument takes; the XCom ``commit_info``
    has its details.

    Pachyderm calls: StartCommit, PutFile or ModifyFile, FinishCommit, InspectCommit; ListCommit in a retry; to drop,
    DeleteCommit or DropCommitSet.

    :param path: path in Pachyderm, of the file, or of the directory that a directory's files go to
    :param content: what to put; text is templated and encoded as UTF-8
    :param source: instead of ``content``: a local file or directory, a URL such as ``s3://conn_id@bucket/key``, or any
        path-like object with ``open()``, such as an ObjectStoragePath. A directory goes with all below it
    :param repo: repo to write to, required unless ``commit`` is given
    :param branch: branch to commit on, ``master`` unless ``commit`` is given
    :param commit: put into this open commit instead, and leave it open
    :param append: add to files that exist instead of replacing them. Into a given ``commit`` a retry may append twice
    :param description: text for the commit's description
    :param open_commit_timeout: seconds to wait for another writer's open commit before failing
    :param project: project of a repo named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = (
        "path", "content", "source", "repo", "branch", "commit", "description", "project",
    )  # fmt: skip

    def __init__(self, *, content: str | bytes | None = None, source: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.content = content
        self.source = source

    def _check(self) -> None:
        if (self.content is None) == (self.source is None):
            raise ValueError("Give either content or source")

    def _put(self, client: PfsClient, commit: Commit) -> None:
        if self.content is None:
            put_source(client, commit, self.path, self.source, append=self.append)
        else:
            content = self.content.encode() if isinstance(self.content, str) else self.content
            client.put_file_bytes(commit, self.path, content, append=self.append)


class PachydermPutFileUrlOperator(_WriteOperator):
    """Let the Pachyderm server fetch a URL into a file, as one commit, as ``PachydermPutFileOperator`` does.

    The bytes do not pass through Airflow. Returns the commit as ``project/repo@branch=id``.

    Pachyderm calls: StartCommit, PutFile or ModifyFile with a URL, FinishCommit, InspectCommit.

    :param url: what to fetch: ``http(s)://``, or an object store that the server has credentials for
    :param path: path of the file in Pachyderm
    :param recursive: fetch all objects below an object store's URL; ``path`` is then a directory
    :param repo: repo to write to, required unless ``commit`` is given
    :param branch: branch to commit on, ``master`` unless ``commit`` is given
    :param commit: put into this open commit instead, and leave it open
    :param append: add to a file that exists instead of replacing it. Into a given ``commit`` a retry may append twice
    :param description: text for the commit's description
    :param open_commit_timeout: seconds to wait for another writer's open commit before failing
    :param project: project of a repo named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("url", "path", "repo", "branch", "commit", "description", "project")

    def __init__(self, *, url: str, recursive: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.url = url
        self.recursive = recursive

    def _check(self) -> None:
        if not self.url:
            raise ValueError("The URL is empty")

    def _put(self, client: PfsClient, commit: Commit) -> None:
        client.put_file_url(commit, self.path, self.url, self.recursive, append=self.append)


class PachydermGetFilesOperator(PachydermOperator):
    """Get files from Pachyderm into a local directory; each keeps its path below that directory.

    Returns ``{"commit", "destination", "files": [{"path", "local", "size"}], "total_bytes"}``. Of more than 1,000 files
    the list is written beside the destination, to ``<destination>.manifest.json``, and ``manifest`` with its path
    stands in place of ``files``.

    Pachyderm calls: InspectCommit or ListCommit, InspectFile, WalkFile, GetFile.

    :param destination: local directory, made if missing; other workers need not see it
    :param path: one or several files or directories; a directory comes with all below it. Default: everything
    :param repo: repo to read from, required unless ``commit`` is given
    :param branch: read the newest finished commit of this branch, ``master`` unless ``commit`` is given
    :param commit: read this finished commit instead
    :param project: project of a repo named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("destination", "path", "repo", "branch", "commit", "project")

    def __init__(
        self,
        *,
        destination: str,
        path: str | Sequence[str] = "/",
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.destination = destination
        self.path = path
        self.repo = repo
        self.branch = branch
        self.commit = commit

    def execute(self, context: Context) -> dict[str, Any]:
        """Get the files."""
        check_target(self.repo, self.branch, self.commit)
        with self._client() as client:
            commit = self._finished(client)
            files = client.download(commit, self.path, self.destination)
        total = sum(file.size_bytes for file in files)
        self.log.info("Got %d files, %d bytes, from %s", len(files), total, commit)
        return {
            "commit": str(commit),
            "destination": str(self.destination),
            **self._listed(files),
            "total_bytes": total,
        }

    def _finished(self, client: PfsClient) -> Commit:
        if self.commit:
            info = _settled(client, client.inspect_commit(self.commit))
            if info.state is CommitState.FAILED:
                raise CommitFailed(f"Commit {info.commit} finished with an error: {info.error}")
            if info.state is not CommitState.FINISHED:
                raise CommitNotFinished(f"Commit {info.commit} is still open", reference=str(info.commit))
            return info.commit
        branch = self.branch or "master"
        with closing(client.list_commit(str(self.repo), to_commit=branch)) as newest_first:
            for info in newest_first:
                if _settled(client, info).state is CommitState.FINISHED:
                    return replace(info.commit, branch=branch)
        raise BranchHasNoHead(f"{self.repo}@{branch} has no finished commit", reference=f"{self.repo}@{branch}")

    def _listed(self, files: Sequence[DownloadedFile]) -> dict[str, Any]:
        listed = [{"path": file.path, "local": str(file.local), "size": file.size_bytes} for file in files]
        if len(listed) <= MOST_FILES_LISTED:
            return {"files": listed}
        manifest = Path(f"{str(self.destination).rstrip('/')}.manifest.json")
        manifest.write_text(json.dumps(listed))
        return {"manifest": str(manifest)}


def _settled(client: PfsClient, info: CommitInfo) -> CommitInfo:
    """Wait for a commit of 2.x that is being finished; it may turn out to have failed."""
    if info.state is not CommitState.FINISHING:
        return info
    return client.inspect_commit(info.commit, wait=CommitState.FINISHED)


def _as_dict(info: CommitInfo) -> dict[str, Any]:
    commit = info.commit
    return {
        "commit": str(commit),
        "project": commit.repo.project,
        "repo": commit.repo.name,
        "branch": commit.branch,
        "id": commit.id,
        "state": info.state.value,
        "description": info.description,
        "started": info.started.isoformat() if info.started else None,
        "finished": info.finished.isoformat() if info.finished else None,
        "size_bytes": info.size_bytes,
    }
