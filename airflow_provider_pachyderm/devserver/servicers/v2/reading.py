"""Reading calls of pfs_v2 that are more than a look-up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import cast

from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver.engine import Engine
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during, refused
from airflow_provider_pachyderm.devserver.engine.files import tars
from airflow_provider_pachyderm.devserver.engine.files.scans import Page, Range, ScanView
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, FileInfo
from airflow_provider_pachyderm.devserver.servicers.base import bytes_value_head
from airflow_provider_pachyderm.devserver.servicers.requests import required
from airflow_provider_pachyderm.devserver.servicers.v2 import messages
from airflow_provider_pachyderm.devserver.servicers.v2.rules import (
    COMPARING_FILES,
    DIRECTORY_UNREADABLE,
    GETTING_FILE,
    SEVERAL_UNREADABLE,
)

_MESSAGE_SIZE = 19 * 1024 * 1024


class Reading:
    """GetFile, GetFileTAR, FindCommits, and what DiffFile compares."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def view(self, file: pb.File) -> ScanView:
        """The files of the commit, of which a request names one."""
        return await self.open(messages.commit_ref(file.commit), file.datum)

    async def open(self, ref: CommitRef, datum: str = "") -> ScanView:
        """The files of a commit; one that was closed is waited for."""
        if not self._engine.file_sets.is_file_set(ref):
            await self._engine.watching.finished(ref)
        return cast(ScanView, self._engine.files.open(ref, datum))

    async def get(self, request: pb.GetFileRequest) -> AsyncIterator[bytes]:
        """GetFile: the content of exactly one file."""
        required(request, "file")
        _check_supported(request)
        if request.offset < 0:
            raise EngineError("UNAVAILABLE", "a negative offset can kill a real 2.x server; nothing was read")
        with during(self._engine.profile[GETTING_FILE]):
            view = await self.view(request.file)
        found = self._only(view.get(request.file.path, range_of(request)))
        content = self._engine.files.read(request.file.path, view.content([found]), request.offset)
        async for message in self._messages(content):
            yield message

    def _only(self, infos: Iterator[FileInfo]) -> FileInfo:
        """The one file that matches; the first match that is a directory, or one too many, says what is wrong."""
        found = None
        for info in infos:
            if info.is_dir:
                raise self._engine.refusal(DIRECTORY_UNREADABLE)
            if found is not None:
                raise self._engine.refusal(SEVERAL_UNREADABLE)
            found = info
        return cast(FileInfo, found)

    async def tar(self, request: pb.GetFileRequest) -> AsyncIterator[bytes]:
        """GetFileTAR: everything that matches, directories with all below them."""
        required(request, "file")
        _check_supported(request)
        view = await self.view(request.file)
        infos = list(view.get(request.file.path, range_of(request)))
        async for message in self._messages(tars.stream(self._entries(view, infos))):
            yield message

    def _messages(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Serialized BytesValues, as large as the real server makes them."""
        return tars.in_messages(pieces, _MESSAGE_SIZE, bytes_value_head)

    async def _entries(self, view: ScanView, infos: Iterable[FileInfo]) -> AsyncIterator[tars.TarEntry]:
        for info in infos:
            if info.is_dir:
                yield tars.TarEntry(info.path)
            else:
                content = self._engine.files.read(info.path, view.content([info]))
                yield tars.TarEntry(info.path, info.size, content)

    async def compared(self, request: pb.DiffFileRequest) -> tuple[ScanView, ScanView | None, str]:
        """The views that DiffFile compares; the older one defaults to the parent."""
        ref = messages.commit_ref(request.new_file.commit)
        with during(self._engine.profile[COMPARING_FILES]):
            new = await self.view(request.new_file)
        if request.HasField("old_file"):
            return new, await self.view(request.old_file), request.old_file.path
        return new, cast("ScanView | None", self._engine.files.parent(ref)), request.new_file.path

    async def find_commits(self, request: pb.FindCommitsRequest) -> AsyncIterator[pb.FindCommitsResponse]:
        """FindCommits: ancestors in which a file changed, newest first, as many as asked for."""
        required(request, "start")
        searched, found = 0, 0
        for info in self._engine.commit_lists.ancestors(messages.commit_ref(request.start)):
            commit = messages.commit_message(info.key)
            if info.finished is None:
                raise refused(f"commit {self._engine.words.commit(info.key)} not finished")
            if self._engine.files.changed(info.num, request.file_path):
                found += 1
                yield pb.FindCommitsResponse(found_commit=commit, commits_searched=searched)
            searched += 1
            if found == request.limit and request.limit:
                break
        yield pb.FindCommitsResponse(last_searched_commit=commit, commits_searched=searched)


def _check_supported(request: pb.GetFileRequest) -> None:
    """Refuse what this server does not do."""
    if request.url:
        raise EngineError("UNIMPLEMENTED", "GetFile to an object store: this dev server does not do it yet")


def range_of(request: pb.GetFileRequest | pb.GlobFileRequest) -> Range | None:
    """The range of paths that a request asks for, if it does."""
    return Range(request.path_range.lower, request.path_range.upper) if request.HasField("path_range") else None


def page_of(request: pb.ListFileRequest | pb.WalkFileRequest) -> Page:
    """The page of a list that a request asks for."""
    marker = request.pagination_marker.path if request.HasField("pagination_marker") else None
    return Page(request.number, request.reverse, marker)
