"""Operators that read: they get, list and compare files of finished commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from airflow_provider_pachyderm._compat import AirflowArguments, Unpack
from airflow_provider_pachyderm._urls import masked, masked_userinfo
from airflow_provider_pachyderm.client import FileInfo, FileType
from airflow_provider_pachyderm.client._local.destination import Existing
from airflow_provider_pachyderm.client._local.names import listed
from airflow_provider_pachyderm.hooks.pachyderm import PachydermHook
from airflow_provider_pachyderm.links.pachyderm import PachydermBranchLink, PachydermCommitLink, PachydermFileLink
from airflow_provider_pachyderm.operators import _destinations
from airflow_provider_pachyderm.operators._base import WHOLE, PachydermOperator, Paths
from airflow_provider_pachyderm.operators._sources import local_uri
from airflow_provider_pachyderm.tasks.arguments import check_choice, check_target
from airflow_provider_pachyderm.tasks.finished import finished_commit, newest_finished
from airflow_provider_pachyderm.tasks.lineage import report_target
from airflow_provider_pachyderm.tasks.texts import count_text, files_text
from airflow_provider_pachyderm.waiting.task import TaskArguments

if TYPE_CHECKING:
    from airflow_provider_pachyderm._compat import Context
    from airflow_provider_pachyderm.client import Commit, PfsClient

# XCom that has the commit which a list is of.
COMMIT = "commit"


class _ReadArguments(TaskArguments, total=False):
    """What every operator takes that reads a commit."""

    repo: str | None
    branch: str | None
    commit: str | None


class _ListArguments(_ReadArguments, total=False):
    """What every operator takes that returns paths."""

    manifest: str | None


class _ReadOperator(PachydermOperator):
    """Base of the operators that read a given commit, or the newest finished one of a branch."""

    operator_extra_links = (PachydermCommitLink(), PachydermBranchLink(), PachydermFileLink())

    def __init__(
        self,
        *,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        **kwargs: Unpack[TaskArguments],
    ) -> None:
        super().__init__(**kwargs)
        self.repo = repo
        self.branch = branch
        self.commit = commit

    def _finished(self, client: PfsClient) -> Commit:
        if self.commit:
            return finished_commit(client, self.commit)
        return newest_finished(client, str(self.repo), self.branch or "master")


class PachydermGetFilesOperator(_ReadOperator):
    """Get files from Pachyderm into a directory, local or in object storage. Each file keeps its path below it.

    Files are streamed, and none appears at its path before it is complete.

    Returns ``{"commit", "destination", "files": [{"path", "local", "size"}], "total_bytes"}``. With more than
    1,000 files, the list is written beside the destination, to ``<destination>.manifest.json``, and ``manifest`` with
    its path replaces ``files``.

    Pachyderm calls: InspectCommit or ListCommit, GlobFile for a pattern, InspectFile, WalkFile, GetFile.

    :param destination: directory, created if missing: a local path, which need not be shared by workers, a URL such as
        ``s3://conn_id@bucket/key``, or any path-like object with ``open()``, such as an ObjectStoragePath
    :param existing: what to do with existing files: ``replace``, ``skip_same`` (skip those with the same size and the
        same hash or time; in object storage, with the same size), or ``fail``
    :param mode: permissions of local files, such as ``0o644``. By default only the user that the task runs as may read
        and write them
    :param path: one or several files or directories; directories with everything below them. Default: everything
    :param pattern: instead of ``path``: get all files that match, such as ``/2026/*.csv``, or none if nothing matches
    :param repo: repo to read from, required unless ``commit`` is given
    :param branch: read the newest finished commit of this branch, ``master`` unless ``commit`` is given
    :param commit: read this finished commit instead
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = (
        "destination",
        "path",
        "pattern",
        "repo",
        "branch",
        "commit",
        "project",
        "pachyderm_conn_id",
    )

    def __init__(
        self,
        *,
        destination: Any,
        existing: Existing = "replace",
        mode: int = 0o600,
        path: str | Sequence[str] | None = None,
        pattern: str | None = None,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            repo=repo,
            branch=branch,
            commit=commit,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        check_choice("existing", existing, get_args(Existing))
        self.destination = destination
        self.existing: Existing = existing
        self.mode = mode
        self.path = path
        self.pattern = pattern

    def execute(self, context: Context) -> dict[str, Any]:
        """Get the files."""
        check_target(self.repo, self.branch, self.commit)
        if self.path and self.pattern:
            raise ValueError(f"Give path or pattern, not both: {self.path!r} and {self.pattern!r}")
        with self._client() as client:
            commit = self._finished(client)
            files = _destinations.get_into(
                client,
                commit,
                self._paths(client, commit),
                self.destination,
                self._progress,
                existing=self.existing,
                mode=self.mode,
            )
        self._has_read(context, commit, self._given())
        if uri := local_uri(self.destination):
            report_target(self.hook, uri)
        total = sum(file["size"] for file in files)
        shown = masked(str(self.destination))
        self._log_result(f"Got {files_text(len(files), total)} from {commit}{self._wanted()} to {shown}")
        return {
            "commit": str(commit),
            "destination": masked_userinfo(str(self.destination)),
            **self._listed(files),
            "total_bytes": total,
        }

    def _wanted(self) -> str:
        if self.path and not isinstance(self.path, str):
            return f": {listed(self.path)}"
        return f":{self.pattern or self.path or '/'}"

    def _given(self) -> Paths:
        return [self.path] if isinstance(self.path, str) else list(self.path or WHOLE)

    def _paths(self, client: PfsClient, commit: Commit) -> str | Sequence[str]:
        if not self.pattern:
            return self.path or "/"
        with client.glob_file(commit, self.pattern) as infos:
            return [info.path for info in infos]

    def _listed(self, files: list[_destinations.GotFile]) -> dict[str, Any]:
        if len(files) <= _destinations.MOST_LISTED:
            return {"files": files}
        manifest = f"{str(self.destination).rstrip('/')}.manifest.json"
        return {"manifest": _destinations.write_manifest(manifest, files)}


class _ListOperator(_ReadOperator):
    """Base of the operators that return paths."""

    def __init__(self, *, manifest: str | None = None, **kwargs: Unpack[_ReadArguments]) -> None:
        super().__init__(**kwargs)
        self.manifest = manifest

    def execute(self, context: Context) -> list[str] | str:
        """Return the paths; the commit that has them goes to the XCom ``commit``."""
        check_target(self.repo, self.branch, self.commit)
        with self._client() as client:
            commit = self._finished(client)
            paths = list(self._paths(client, commit))
        self._log_result(f"Found {count_text(len(paths), 'path')} {self._sought()} in commit {commit}")
        context["ti"].xcom_push(key=COMMIT, value=str(commit))
        self._has_read(context, commit)
        return self._fitting(paths)

    def _paths(self, client: PfsClient, commit: Commit) -> Iterable[str]:
        raise NotImplementedError

    def _sought(self) -> str:
        """Say for the log what paths they are."""
        raise NotImplementedError

    def _fitting(self, paths: list[str]) -> list[str] | str:
        if len(paths) <= _destinations.MOST_LISTED:
            return paths
        if not self.manifest:
            raise ValueError(
                f"{len(paths)} paths are too many for an XCom, which takes at most {_destinations.MOST_LISTED}: give "
                "manifest, a path to write the list to"
            )
        return _destinations.write_manifest(self.manifest, paths)


class _FindOperator(_ListOperator):
    """Base of the operators that return the paths of files, directories or both."""

    def __init__(self, *, kind: Literal["file", "dir", "any"] = "file", **kwargs: Unpack[_ListArguments]) -> None:
        super().__init__(**kwargs)
        check_choice("kind", kind, ("file", "dir", "any"))
        self.kind = kind

    def _of_kind(self, infos: Iterable[FileInfo]) -> list[str]:
        return [info.path for info in infos if self.kind == "any" or info.type is FileType(self.kind)]


class PachydermListFilesOperator(_FindOperator):
    """List a directory. Returns the absolute paths, which fit ``.expand()``.

    The XCom ``commit`` is the listed commit as ``project/repo@branch=id``, so that tasks mapped over the paths can read
    from the same commit.

    Pachyderm calls: InspectCommit or ListCommit; ListFile, or WalkFile with ``recursive``.

    :param path: directory to list
    :param recursive: include everything below the directory
    :param kind: ``file``, ``dir`` or ``any``
    :param manifest: where to write more than 1,000 paths, as a JSON list: a local path that the reading tasks share, or
        a URL such as ``s3://conn_id@bucket/key``, which is then returned instead. Without it, so many are an error
    :param repo: repo to read from, required unless ``commit`` is given
    :param branch: read the newest finished commit of this branch, ``master`` unless ``commit`` is given
    :param commit: read this finished commit instead
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("path", "manifest", "repo", "branch", "commit", "project", "pachyderm_conn_id")

    def __init__(
        self,
        *,
        path: str = "/",
        recursive: bool = False,
        kind: Literal["file", "dir", "any"] = "file",
        manifest: str | None = None,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            kind=kind,
            manifest=manifest,
            repo=repo,
            branch=branch,
            commit=commit,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        self.path = path
        self.recursive = recursive

    def _paths(self, client: PfsClient, commit: Commit) -> Iterable[str]:
        listing = client.walk_file if self.recursive else client.list_file
        with listing(commit, self.path) as infos:
            # A walk begins with the directory itself.
            return self._of_kind(info for info in infos if info.path.strip("/") != self.path.strip("/"))

    def _sought(self) -> str:
        return f"below {self.path}"


class PachydermGlobFilesOperator(_FindOperator):
    """Find files by pattern. Returns the absolute paths, which fit ``.expand()``; an empty list if nothing matches.

    The XCom ``commit`` is the searched commit as ``project/repo@branch=id``, so that tasks mapped over the paths can
    read from the same commit.

    Pachyderm calls: InspectCommit or ListCommit; GlobFile.

    :param pattern: such as ``/dir/*.csv``, ``/**.csv`` or ``/{a,b}/*``
    :param kind: ``file``, ``dir`` or ``any``
    :param manifest: where to write more than 1,000 paths, as a JSON list: a local path that the reading tasks share, or
        a URL such as ``s3://conn_id@bucket/key``, which is then returned instead. Without it, so many are an error
    :param repo: repo to read from, required unless ``commit`` is given
    :param branch: read the newest finished commit of this branch, ``master`` unless ``commit`` is given
    :param commit: read this finished commit instead
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = ("pattern", "manifest", "repo", "branch", "commit", "project", "pachyderm_conn_id")

    def __init__(
        self,
        *,
        pattern: str,
        kind: Literal["file", "dir", "any"] = "file",
        manifest: str | None = None,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            kind=kind,
            manifest=manifest,
            repo=repo,
            branch=branch,
            commit=commit,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        self.pattern = pattern

    def _paths(self, client: PfsClient, commit: Commit) -> Iterable[str]:
        with client.glob_file(commit, self.pattern) as infos:
            return self._of_kind(infos)

    def _sought(self) -> str:
        return f"that match {self.pattern}"


class PachydermDiffFilesOperator(_ListOperator):
    """Find the files that differ between two commits. Returns their absolute paths, which fit ``.expand()``.

    By default these are the files that the newest finished commit added or changed against its parent. The XCom
    ``commit`` has the newer commit as ``project/repo@branch=id``, to read them from.

    Pachyderm calls: InspectCommit or ListCommit; DiffFile.

    :param path: directory, or file, to compare
    :param old_commit: finished commit to compare with. Default: the parent
    :param changes: which files to return: any of ``added``, ``changed`` and ``deleted``
    :param manifest: where to write more than 1,000 paths, as a JSON list: a local path that the reading tasks share, or
        a URL such as ``s3://conn_id@bucket/key``, which is then returned instead. Without it, so many are an error
    :param repo: repo to read from, required unless ``commit`` is given
    :param branch: read the newest finished commit of this branch, ``master`` unless ``commit`` is given
    :param commit: read this finished commit instead
    :param project: project of a repo that is named without one, instead of the connection's
    :param pachyderm_conn_id: the connection to use
    """

    template_fields: Sequence[str] = (
        "path",
        "old_commit",
        "manifest",
        "repo",
        "branch",
        "commit",
        "project",
        "pachyderm_conn_id",
    )

    def __init__(
        self,
        *,
        path: str = "/",
        old_commit: str | None = None,
        changes: Sequence[Literal["added", "changed", "deleted"]] = ("added", "changed"),
        manifest: str | None = None,
        repo: str | None = None,
        branch: str | None = None,
        commit: str | None = None,
        project: str | None = None,
        pachyderm_conn_id: str = PachydermHook.default_conn_name,
        **kwargs: Unpack[AirflowArguments],
    ) -> None:
        super().__init__(
            manifest=manifest,
            repo=repo,
            branch=branch,
            commit=commit,
            project=project,
            pachyderm_conn_id=pachyderm_conn_id,
            **kwargs,
        )
        for change in changes:
            check_choice("each of changes", change, ("added", "changed", "deleted"))
        self.path = path
        self.old_commit = old_commit
        self.changes = changes

    def _paths(self, client: PfsClient, commit: Commit) -> Iterable[str]:
        old = finished_commit(client, self.old_commit) if self.old_commit else None
        with client.diff_file(commit, self.path, old) as pairs:
            return [info.path for info, change in map(_file_and_change, pairs) if change in self.changes]

    def _sought(self) -> str:
        return f"{' or '.join(self.changes)} since {self.old_commit or 'its parent'} below {self.path}"


def _file_and_change(pair: tuple[FileInfo | None, FileInfo | None]) -> tuple[FileInfo, str]:
    new, old = pair
    if new is None:
        assert old is not None  # a pair is of something
        return old, "deleted"
    return new, "changed" if old else "added"
