"""The client. ``_sync/client.py`` is generated from this file by ``tools/unasync.py``."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from airflow_provider_pachyderm.client import _local, _paths, _refs
from airflow_provider_pachyderm.client._async.fetch import fetch
from airflow_provider_pachyderm.client._async.items import AsyncItems
from airflow_provider_pachyderm.client._async.reader import AsyncFileReader
from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._chunks import AsyncSource, BinaryFile, check_async_source
from airflow_provider_pachyderm.client._config import ClientConfig
from airflow_provider_pachyderm.client._dialects.base import Listing
from airflow_provider_pachyderm.client._dialects.uploads import Split
from airflow_provider_pachyderm.client._errors import InvalidConfig, InvalidReference, InvalidRequest, NotFound
from airflow_provider_pachyderm.client._models import (
    Branch,
    BranchInfo,
    Commit,
    CommitInfo,
    CommitState,
    Delimiter,
    DownloadedFile,
    FileInfo,
    FilePair,
    FileType,
    Repo,
    RepoInfo,
    Version,
)
from airflow_provider_pachyderm.client._refs import BranchLike, CommitLike, RepoLike
from airflow_provider_pachyderm.client._transport.aio import blocking

_logger = logging.getLogger(__name__)
_T = TypeVar("_T")
_INT64_MAX = 2**63 - 1


class AsyncPfsClient:
    """A client of Pachyderm's file system, for servers of 1.x and 2.x alike.

    Nothing connects before the first call, which asks the server for its version. All calls raise
    :class:`PachydermError` or, for bad arguments, its subclass :class:`InvalidRequest` before anything is sent.

    A ``commit`` argument is ``(repo, branch)``, ``(repo, commit_id)``, ``"repo/branch"``, ``"repo/commit_id"``,
    ``"repo@branch"``, ``"project/repo@branch=id"``, a :class:`Commit` or a :class:`CommitInfo`; a ``repo_name`` is
    ``"repo"``, ``"project/repo"`` or a :class:`Repo`.

    Files are listed in the order of their paths, segment by segment. 2.x servers go by the bytes of the whole path:
    there, names that share what is before a ``-``, a ``.`` or the like come together, when the first name without that
    prefix has come or the list has ended.

    :param host: name or address of the server, or ``grpcs://host:port``. If neither this nor ``config`` is given:
        ``PACHD_ADDRESS``, else ``PACHD_SERVICE_HOST`` and ``PACHD_SERVICE_PORT_API_GRPC_PORT``, else localhost.
    :param port: 30650 by default.
    :param config: all settings in one; the other arguments win over it.
    :param auth_token: Pachyderm session token.
    :param project: project of bare repo names (2.5 and later).
    :param tls: encrypt the connection.
    :param version: server version such as ``"2.11.6"``, to spare asking for it.
    :param timeout: deadline of one plain call, in seconds.
    """

    def __init__(
        self,
        host: str | None = None,
        port: int | None = None,
        *,
        config: ClientConfig | None = None,
        auth_token: str | None = None,
        project: str | None = None,
        tls: bool | None = None,
        version: Version | str | None = None,
        timeout: float | None = None,
    ) -> None:
        given = {
            "port": port,
            "auth_token": auth_token,
            "project": project,
            "tls": tls,
            "version": version,
            "timeout": timeout,
        }
        settings = {name: value for name, value in given.items() if value is not None}
        if host is not None and config is not None:
            raise InvalidConfig("the host is given twice: as an argument and in config")
        if host is not None:
            config = ClientConfig(host=host, **settings)  # type: ignore[arg-type]
        else:
            config = replace(config or ClientConfig.from_env(), **settings)  # type: ignore[arg-type]
        self._session = AsyncSession(config)

    @property
    def config(self) -> ClientConfig:
        """The settings of this client."""
        return self._session.config

    async def close(self) -> None:
        """Close all connections. Calls after it raise :class:`ClientClosed`."""
        await self._session.close()

    async def __aenter__(self) -> AsyncPfsClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def version(self) -> Version:
        """Give the version of the server (GetVersion), as it reports it."""
        return await self._session.version()

    # repos

    async def create_repo(self, repo_name: RepoLike, description: str | None = None, *, update: bool = False) -> None:
        """Create a repo (CreateRepo).

        :param update: change the description if it exists, instead of raising.
        :raises AlreadyExists: if it exists.
        """
        repo = self._repo(repo_name)
        dialect = await self._session.dialect()
        await self._session.call(dialect.create_repo(repo, description, update=update))

    async def inspect_repo(self, repo_name: RepoLike) -> RepoInfo:
        """Describe a repo (InspectRepo).

        :raises RepoNotFound: if it does not exist.
        """
        repo = self._repo(repo_name)
        dialect = await self._session.dialect()
        return await self._session.call(dialect.inspect_repo(repo))

    async def list_repo(self) -> list[RepoInfo]:
        """List the repos of the client's project, or of all projects if it has none (ListRepo)."""
        dialect = await self._session.dialect()
        return await self._collect(dialect.list_repo(self.config.project))

    async def delete_repo(self, repo_name: RepoLike | None = None, force: bool = False, all: bool = False) -> None:
        """Delete a repo and all that is in it (DeleteRepo, DeleteRepos). Servers accept a missing one.

        :param force: also if others are made from it.
        :param all: instead, delete all repos of the client's project, or of all projects if it has none.
        :raises Conflict: if others are made from it.
        """
        if all == (repo_name is not None):
            raise InvalidRequest(
                "Cannot specify a repo_name if all=True"
                if all
                else "Either a repo_name or all=True needs to be provided"
            )
        repo = None if repo_name is None else self._repo(repo_name)
        dialect = await self._session.dialect()
        if repo is None:
            await self._session.run(dialect.delete_repos(self.config.project, force=force))
        else:
            await self._session.call(dialect.delete_repo(repo, force=force))

    async def delete_all(self) -> None:
        """Delete everything in the file system: repos of all projects and, on 2.5 and later, projects (DeleteAll)."""
        dialect = await self._session.dialect()
        await self._session.call(dialect.delete_all())

    # branches

    async def create_branch(
        self,
        repo_name: RepoLike,
        branch: str,
        head: CommitLike | None = None,
        *,
        provenance: Iterable[BranchLike] = (),
    ) -> None:
        """Create a branch, or change one (CreateBranch).

        :param head: a commit of the same repo: its branch, its id or all of it.
        :param provenance: the branches it is made from; a branch that exists loses those that are not named again.
        :raises Conflict: if a branch would be made from itself.
        """
        target = self._branch(repo_name, branch)
        commit = None if head is None else self._commit_in(target.repo, head)
        sources = [_refs.parse_branch(each, self.config.project) for each in provenance]
        dialect = await self._session.dialect()
        await self._session.call(dialect.create_branch(target, commit, sources))

    async def set_branch(self, commit: CommitLike, branch_name: str) -> None:
        """Make a commit the head of a branch of its repo, which is created if need be (CreateBranch, SetBranch).

        :raises CommitNotFound: if it does not exist.
        """
        head = self._commit(commit)
        await self.create_branch(head.repo, branch_name, head)

    async def inspect_branch(self, repo_name: RepoLike, branch: str) -> BranchInfo:
        """Describe a branch (InspectBranch).

        :raises BranchNotFound: if it does not exist.
        """
        target = self._branch(repo_name, branch)
        dialect = await self._session.dialect()
        return await self._session.call(dialect.inspect_branch(target))

    async def list_branch(self, repo_name: RepoLike) -> list[BranchInfo]:
        """List the branches of a repo (ListBranch)."""
        repo = self._repo(repo_name)
        dialect = await self._session.dialect()
        return await self._collect(dialect.list_branch(repo))

    async def delete_branch(self, repo_name: RepoLike, branch: str, force: bool = False) -> None:
        """Delete a branch, not its commits (DeleteBranch).

        :param force: also if others are made from it.
        """
        target = self._branch(repo_name, branch)
        dialect = await self._session.dialect()
        await self._session.call(dialect.delete_branch(target, force=force))

    # commits

    async def start_commit(
        self, repo_name: RepoLike, branch: str, parent: CommitLike | None = None, *, description: str | None = None
    ) -> Commit:
        """Start a commit on a branch, which is created if need be (StartCommit).

        :param parent: id, branch or commit in the same repo; the branch's head if None.
        :return: the commit, with branch and id.
        :raises CommitNotFinished: if the head of the branch, or the parent, is open.
        :raises OutputBranch: if the branch has provenance.
        """
        target = self._branch(repo_name, branch)
        base = None if parent is None else self._commit_in(target.repo, parent)
        dialect = await self._session.dialect()
        return await self._session.call(dialect.start_commit(target, base, description))

    async def finish_commit(
        self, commit: CommitLike, *, description: str | None = None, error: str | None = None, wait: bool = False
    ) -> None:
        """Finish a commit (FinishCommit).

        :param description: replaces the one it was started with.
        :param error: finish it as failed, with this reason (2.x): its files are not inherited.
        :param wait: until the server has checked what is in it; 1.x servers check at once.
        :raises CommitFinished: if it is finished.
        :raises PathConflict: if a path is both file and directory; a 1.x server leaves the commit open.
        :raises CommitFailed: when waiting, if it failed.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        await self._session.run(dialect.finish_commit(target, description, error, wait=wait))

    @asynccontextmanager
    async def commit(
        self, repo_name: RepoLike, branch: str, parent: CommitLike | None = None, *, description: str | None = None
    ) -> AsyncIterator[Commit]:
        """Start a commit for the body of the ``with``; on success finish it and wait until the server has accepted it.

        If the body raises, or the commit cannot be finished, it is dropped: nobody sees half of it.

        :raises CommitFailed: if the server found what is in it to be bad; :class:`PathConflict` is one of these.
        """
        commit = await self.start_commit(repo_name, branch, parent, description=description)
        try:
            yield commit
            await self.finish_commit(commit)
        except BaseException as error:
            await self._drop_after(error, commit)
            raise
        await self.wait_commit(commit)

    async def _drop_after(self, error: BaseException, commit: Commit) -> None:
        """Drop a commit without hiding why."""
        try:
            await self.drop_commit(commit)
        except NotFound:
            return
        except Exception as failure:
            note = f"commit {commit} could not be dropped: {failure}"
            _logger.warning("%s", note)
            if hasattr(error, "add_note"):
                error.add_note(note)

    async def drop_commit(self, commit: CommitLike) -> None:
        """Drop an open commit with all that was written to it, as if it had never been started.

        1.x: DeleteCommit. 2.x: DropCommitSet, or, where other commits hang on it, ClearCommit and FinishCommit as
        failed. It is never finished as good and never to be resumed.

        :raises CommitFinished: if it is finished.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        await self._session.run(dialect.drop_commit(target))

    async def delete_commit(self, commit: CommitLike) -> None:
        """Delete a commit, open or finished, and what the server made from it.

        What was made after it on its branch stays, with its files. 1.x: DeleteCommit. 2.x: DropCommitSet, or
        SquashCommitSet if there are later commits.

        :raises CommitNotFound: if it does not exist.
        :raises Conflict: if users made other commits in one step with it, as these would go, too.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        await self._session.run(dialect.delete_commit(target))

    async def inspect_commit(
        self, commit: CommitLike, *, wait: CommitState | None = None, timeout: float | None = None
    ) -> CommitInfo:
        """Describe a commit (InspectCommit).

        :param wait: first wait until it has reached this state.
        :param timeout: seconds; if None: the client's, or no limit when waiting.
        :raises CommitNotFound: if it does not exist.
        :raises DeadlineExceeded: if it has not reached the state in time.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        return await self._session.call(dialect.inspect_commit(target, wait), timeout)

    async def wait_commit(self, commit: CommitLike, *, timeout: float | None = None) -> CommitInfo:
        """Wait until a commit is finished (InspectCommit).

        :param timeout: seconds, or None for no limit.
        :raises CommitFailed: if it was finished with an error.
        :raises DeadlineExceeded: if it is not finished in time.
        """
        target = self._commit(commit)
        dialect = await self._session.dialect()
        return await self._session.run(dialect.wait_commit(target), timeout)

    async def flush_commit(
        self,
        commits: CommitLike | Iterable[CommitLike],
        repos: RepoLike | Iterable[RepoLike] = (),
        *,
        timeout: float | None = None,
    ) -> list[CommitInfo]:
        """Wait until commits are finished, and all that is made from them (FlushCommit, InspectCommitSet).

        :param commits: one or several; of several, only what is made from all of them counts.
        :param repos: wait for commits in these only.
        :param timeout: seconds for each commit to wait for, or None for no limit.
        :return: what was made, failed ones included; nothing if no branch is made from theirs.
        :raises CommitFailed: if one of ``commits`` failed.
        :raises DeadlineExceeded: if one is not finished in time.
        """
        targets = _refs.parse_commits(commits, self.config.project)
        wanted = [self._repo(repo) for repo in ([repos] if isinstance(repos, (str, Repo)) else repos)]
        dialect = await self._session.dialect()
        return await self._session.run(dialect.flush_commit(targets, wanted), timeout)

    async def provenances_for_repo(self, repo_name: RepoLike) -> dict[str, str]:
        """Say from which commits those of a repo were made (ListCommit).

        :return: for each id of such a commit, the id of what was made from it; the last one to be finished, if there
            are several. 1.x servers tell of commits further upstream, too.
        """
        async with await self.list_commit(repo_name) as infos:
            made = [(info.finished, info) async for info in infos if info.finished is not None]
        made.sort(key=lambda item: item[0])
        return {str(source.id): str(info.commit.id) for _, info in made for source in info.provenance}

    async def list_commit(
        self,
        repo_name: RepoLike,
        to_commit: CommitLike | None = None,
        from_commit: CommitLike | None = None,
        number: int = 0,
        *,
        branch: str | None = None,
    ) -> AsyncItems[CommitInfo]:
        """List commits, newest first (ListCommit).

        :param to_commit: this one (id or branch) and its ancestors; all commits of the repo if None.
        :param from_commit: stop before this one; needs ``to_commit`` or ``branch``.
        :param number: how many; 0 for all.
        :param branch: the head of this branch and its ancestors; the same as ``to_commit``.
        :return: an iterator that is open already, so errors rise here.
        """
        repo = self._repo(repo_name)
        if branch is not None and to_commit is not None:
            raise InvalidRequest("branch and to_commit are the same: give one of them")
        newest = branch if to_commit is None else to_commit
        to = None if newest is None else self._commit_in(repo, newest)
        from_ = None if from_commit is None else self._commit_in(repo, from_commit)
        if from_ is not None and to is None:
            raise InvalidRequest("from_commit needs to_commit or branch: servers list back from there")
        count = _not_negative("number", number)
        dialect = await self._session.dialect()
        return await self._session.open(dialect.list_commit(repo, to, from_, count))

    async def subscribe_commit(
        self,
        repo_name: RepoLike,
        branch: str,
        from_commit_id: CommitLike | None = None,
        *,
        state: CommitState = CommitState.FINISHED,
    ) -> AsyncItems[CommitInfo]:
        """Follow a branch: all its commits, oldest first, then new ones as they come, without end (SubscribeCommit).

        The branch may not exist yet. Close the iterator, or leave its ``with``, to end the call.

        :param from_commit_id: leave out this commit and its ancestors. If it is gone, all that there is now is left
            out, and a warning is logged.
        :param state: give each commit when it has reached this state, failed ones included.
        :raises RepoNotFound: if the repo does not exist.
        """
        target = self._branch(repo_name, branch)
        from_ = None if from_commit_id is None else self._commit_in(target.repo, from_commit_id)
        if from_ is not None and from_.id is None:
            raise InvalidReference(f"from_commit_id is the id of a commit, not {from_commit_id!r}")
        dialect = await self._session.dialect()
        subscription = await self._session.run(dialect.subscribe_commit(target, from_, state))
        if subscription.cursor_lost:
            _logger.warning("commit %s is gone; following %s from its head", from_, target)
        return await self._session.open(subscription.call)

    # writing files

    async def put_file_bytes(
        self,
        commit: CommitLike,
        path: str,
        value: AsyncSource,
        delimiter: Delimiter = Delimiter.NONE,
        target_file_datums: int = 0,
        target_file_bytes: int = 0,
        *,
        append: bool = False,
    ) -> None:
        """Write a file (PutFile, ModifyFile).

        With a branch instead of an open commit, this is a commit of its own.

        :param value: bytes, an iterable of bytes, or a binary file, which is read to its end.
        :param delimiter: split it into numbered files in the directory ``path``, behind those that are there (1.x).
        :param target_file_datums: pieces a file, with a delimiter; 0 for one.
        :param target_file_bytes: about how many bytes a file, with a delimiter; 0 for any number.
        :param append: to what is in the file, instead of replacing it.
        :raises CommitFinished: if the commit is finished.
        :raises Unsupported: if the server does not know the delimiter; 2.x servers know none.
        """
        target, clean = self._commit(commit), _paths.for_writing(path)
        check_async_source(value)
        split = _split(delimiter, target_file_datums, target_file_bytes)
        await self._put(target, clean, value, append, split)

    async def put_file(
        self, commit: CommitLike, path: str, source: str | os.PathLike[str] | BinaryFile, *, append: bool = False
    ) -> None:
        """Write a file from a local one (PutFile, ModifyFile).

        :param source: path of a local file, or a binary file, which is read to its end.
        :param append: to what is in the file, instead of replacing it.
        :raises OSError: if the local file cannot be read.
        """
        target, clean = self._commit(commit), _paths.for_writing(path)
        if isinstance(source, (str, os.PathLike)):
            await self._put(target, clean, await blocking(_local.check_file, source), append)
        else:
            check_async_source(source)
            await self._put(target, clean, source, append)

    async def _put(
        self, commit: Commit, path: str, source: AsyncSource | Path, append: bool, split: Split | None = None
    ) -> None:
        dialect = await self._session.dialect()
        upload = await self._session.run(dialect.upload(commit, path, append=append, split=split))
        await self._session.upload(upload, [(path, source)])

    async def put_files(
        self, commit: CommitLike, directory: str | os.PathLike[str], path: str = "/", *, append: bool = False
    ) -> int:
        """Write all files below a local directory, in one stream (PutFile, ModifyFile).

        Files that are there already are replaced; others in ``path`` stay. Empty directories are left out.

        :param path: directory in the commit that corresponds to ``directory``.
        :param append: to what is in the files, instead of replacing it.
        :return: how many files.
        :raises InvalidRequest: before anything is sent, if a file's name cannot be stored.
        """
        target, root = self._commit(commit), _paths.literal(path)
        files: list[tuple[str, AsyncSource | Path]] = [*await blocking(_local.find_files, directory, root)]
        dialect = await self._session.dialect()
        upload = await self._session.run(dialect.upload(target, root, append=append, tree=True))
        if files:
            await self._session.upload(upload, files)
        return len(files)

    async def put_file_url(
        self, commit: CommitLike, path: str, url: str, recursive: bool = False, *, append: bool = False
    ) -> None:
        """Make the server fetch a file and write it (PutFile, ModifyFile). This takes as long as it takes.

        :param url: of a web server, or of an object store that the server has access to.
        :param recursive: all objects whose names begin like ``url``, into the directory ``path``.
        :param append: to what is in the file, instead of replacing it.
        :raises InvalidRequest: if the content cannot be retrieved.
        """
        target, clean = self._commit(commit), _paths.literal(path) if recursive else _paths.for_writing(path)
        if "://" not in url:
            raise InvalidRequest(f"{url!r} is not a URL")
        dialect = await self._session.dialect()
        upload = await self._session.run(dialect.upload(target, clean, append=append, tree=recursive))
        if Feature.URL_ERRORS not in dialect.capabilities and url.startswith(("http://", "https://")):
            async with fetch(url) as content:
                await self._session.upload(upload, [(clean, content)])
        else:
            await self._session.upload_url(upload, clean, url, recursive=recursive)

    async def copy_file(
        self,
        source_commit: CommitLike,
        source_path: str,
        dest_commit: CommitLike,
        dest_path: str,
        *,
        append: bool = False,
    ) -> None:
        """Copy a file, or a directory with all below it, from any commit to an open one (CopyFile, ModifyFile).

        The server does it without moving the data. With a branch as ``dest_commit``, this is a commit of its own.

        :param append: to what is in the file, instead of replacing it.
        :raises FileNotFound: if there is no such file to copy.
        """
        source, source_clean = self._commit(source_commit), _paths.literal(source_path)
        target, clean = self._commit(dest_commit), _paths.literal(dest_path)
        dialect = await self._session.dialect()
        await self._session.run(dialect.copy_file(source, source_clean, target, clean, append=append))

    async def delete_file(self, commit: CommitLike, path: str) -> None:
        """Delete a file, or a directory with all below it (DeleteFile, ModifyFile). Servers accept a missing one."""
        target, clean = self._commit(commit), _paths.literal(path)
        dialect = await self._session.dialect()
        await self._session.run(dialect.delete_file(target, clean))

    # reading files

    async def get_file(
        self, commit: CommitLike, path: str, offset_bytes: int = 0, size_bytes: int = 0
    ) -> AsyncFileReader:
        """Read a file (GetFile).

        :param offset_bytes: where to begin.
        :param size_bytes: how many bytes at most; 0 for all.
        :return: a reader that is open already, so errors rise here.
        :raises FileNotFound: if there is no such file.
        :raises IsADirectory: if it is a directory.
        """
        target, clean = self._commit(commit), _paths.literal(path)
        offset, size = _not_negative("offset_bytes", offset_bytes), _not_negative("size_bytes", size_bytes)
        dialect = await self._session.dialect()
        return await self._session.read(await self._session.run(dialect.download(target, clean, offset, size)))

    async def get_files(
        self, commit: CommitLike, paths: str | Iterable[str], recursive: bool = False
    ) -> dict[str, bytes]:
        """Read files into memory (GetFile for each). :meth:`download` is for what does not fit.

        :param paths: of files and directories; a str is one path.
        :param recursive: of a directory, read all files below it, not only those in it.
        :return: the content by absolute path.
        """
        found = await self._resolve(commit, paths, recursive=recursive)
        contents: dict[str, bytes] = {}
        for info in found:
            async with await self._read(info) as reader:
                contents[info.path] = await reader.read()
        return contents

    async def download(
        self, commit: CommitLike, paths: str | Iterable[str], destination: str | os.PathLike[str]
    ) -> list[DownloadedFile]:
        """Copy files to the local disk (GetFile for each); ``/dir/f`` becomes ``destination/dir/f``.

        A file appears under its name only when it is complete; one that is there already is replaced.

        :param paths: of files and directories, which are taken with all below them; a str is one path.
        :raises InvalidRequest: if a file would be written outside of ``destination``.
        """
        return [
            await self._save(info, await blocking(_local.place_below, destination, info.path))
            for info in await self._resolve(commit, paths, recursive=True)
        ]

    async def _save(self, info: FileInfo, local: Path) -> DownloadedFile:
        size = 0
        async with await self._read(info) as reader:
            with _local.replacing(local) as file:
                async for chunk in reader:
                    size += len(chunk)
                    await blocking(file.write, chunk)
        return DownloadedFile(info.path, local, size)

    async def _read(self, info: FileInfo) -> AsyncFileReader:
        dialect = await self._session.dialect()
        return await self._session.read(await self._session.run(dialect.download(info.commit, info.path, known=info)))

    async def _resolve(self, commit: CommitLike, paths: str | Iterable[str], *, recursive: bool) -> list[FileInfo]:
        """Find files, all in the same commit even if the branch moves on meanwhile."""
        wanted = _paths.literals(paths)
        target = (await self.inspect_commit(commit)).commit
        found: dict[str, FileInfo] = {}
        for path in wanted:
            info = await self.inspect_file(target, path)
            if info.type is FileType.FILE:
                found[info.path] = info
            else:
                async with await self.list_file(target, path, recursive=recursive) as items:
                    found.update({item.path: item async for item in items if item.type is FileType.FILE})
        return list(found.values())

    async def inspect_file(self, commit: CommitLike, path: str) -> FileInfo:
        """Describe a file or directory (InspectFile).

        :raises FileNotFound: if there is no such file.
        """
        target, clean = self._commit(commit), _paths.literal(path)
        dialect = await self._session.dialect()
        return await self._session.call(dialect.inspect_file(target, clean))

    async def list_file(self, commit: CommitLike, path: str = "/", recursive: bool = False) -> AsyncItems[FileInfo]:
        """List a directory: the files and directories in it (ListFile). Of a file: itself.

        :param recursive: instead, all files below it, without the directories (WalkFile).
        :return: an iterator that is open already, so errors rise here.
        :raises FileNotFound: if there is no such directory.
        """
        target, clean = self._commit(commit), _paths.literal(path)
        dialect = await self._session.dialect()
        if not recursive:
            return await self._session.open(dialect.list_file(target, clean))
        walk = dialect.walk_file(target, clean)
        return await self._session.open(replace(walk, read=lambda reply: _files(walk.read(reply))))

    async def glob_file(self, commit: CommitLike, pattern: str) -> AsyncItems[FileInfo]:
        """Find files and directories by pattern, such as ``/dir/*.csv`` (GlobFile).

        :return: an iterator that is open already, so errors rise here; empty if nothing matches.
        :raises InvalidRequest: if the pattern is malformed.
        """
        target, checked = self._commit(commit), _paths.check_pattern(pattern)
        dialect = await self._session.dialect()
        return await self._session.open(dialect.glob_file(target, checked))

    async def walk_file(self, commit: CommitLike, path: str = "/") -> AsyncItems[FileInfo]:
        """List a directory and all files and directories below it (WalkFile).

        :return: an iterator that is open already, so errors rise here.
        :raises FileNotFound: if there is no such directory.
        """
        target, clean = self._commit(commit), _paths.literal(path)
        dialect = await self._session.dialect()
        return await self._session.open(dialect.walk_file(target, clean))

    async def diff_file(
        self,
        new_commit: CommitLike,
        new_path: str = "/",
        old_commit: CommitLike | None = None,
        old_path: str | None = None,
        shallow: bool = False,
    ) -> AsyncItems[FilePair]:
        """Find the files that differ between two commits (DiffFile).

        :param new_path: the directory, or file, to compare.
        :param old_commit: of any repo; the parent of ``new_commit`` if None.
        :param old_path: the same as ``new_path`` if None.
        :param shallow: only what is directly in the directory, with its directories, instead of all files below it.
        :return: an iterator of pairs, in order of their paths: the file as it is in the new commit, and in the old one;
            None where it is missing.
        """
        new, clean = self._commit(new_commit), _paths.literal(new_path)
        old = None if old_commit is None else self._commit(old_commit)
        if old is None and old_path is not None:
            raise InvalidRequest("old_path needs old_commit")
        old_clean = clean if old_path is None else _paths.literal(old_path)
        dialect = await self._session.dialect()
        return await self._session.open(dialect.diff_file(new, clean, old, old_clean, shallow=shallow))

    # references

    def _repo(self, repo_name: RepoLike) -> Repo:
        return _refs.parse_repo(repo_name, self.config.project)

    def _branch(self, repo_name: RepoLike, branch: str) -> Branch:
        return Branch(self._repo(repo_name), _refs.check_branch_name(branch))

    def _commit(self, commit: CommitLike) -> Commit:
        return _refs.parse_commit(commit, self.config.project)

    def _commit_in(self, repo: Repo, ref: CommitLike) -> Commit:
        """Read a commit of ``repo``, which may be given as only its branch or id."""
        if isinstance(ref, str) and not any(mark in ref for mark in "@/"):
            return _refs.parse_commit((repo, ref))
        commit = self._commit(ref)
        if not _refs.same_repo(commit.repo, repo):
            raise InvalidReference(f"commit {commit} is not in repo {repo}")
        return commit

    async def _collect(self, listing: Listing[_T]) -> list[_T]:
        return [item async for item in await self._session.open(listing)]


def _files(infos: Iterable[FileInfo]) -> Iterable[FileInfo]:
    return (info for info in infos if info.type is FileType.FILE)


def _split(delimiter: Delimiter, datums: int, size: int) -> Split | None:
    if not isinstance(delimiter, Delimiter):
        raise InvalidRequest(f"a delimiter is a Delimiter, not {type(delimiter).__name__}")
    split = Split(delimiter, _not_negative("target_file_datums", datums), _not_negative("target_file_bytes", size))
    if delimiter is not Delimiter.NONE:
        return split
    if split.datums or split.bytes:
        raise InvalidRequest("target_file_datums and target_file_bytes need a delimiter")
    return None


def _not_negative(name: str, value: Any) -> int:
    if not isinstance(value, int):
        raise InvalidRequest(f"{name} is an int, not {type(value).__name__}")
    if not 0 <= value <= _INT64_MAX:
        raise InvalidRequest(f"{name} is {value}: it may be neither negative nor above {_INT64_MAX}")
    return value
