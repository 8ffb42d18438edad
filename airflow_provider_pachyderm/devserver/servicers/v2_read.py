"""Reading calls of pfs_v2 that are more than a look-up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from itertools import islice
from typing import cast

from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm.devserver.engine import Engine, tars
from airflow_provider_pachyderm.devserver.engine.errors import EngineError, during
from airflow_provider_pachyderm.devserver.engine.files import View
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, FileInfo
from airflow_provider_pachyderm.devserver.engine.paths import clean, in_range
from airflow_provider_pachyderm.devserver.engine.texts import TextsV2, refused
from airflow_provider_pachyderm.devserver.servicers import v2_convert as convert
from airflow_provider_pachyderm.devserver.servicers.base import bytes_value_head
from airflow_provider_pachyderm.devserver.servicers.requests import required

_LONGEST_PAGE = 100_000


class Reading:
    """GetFile, GetFileTAR, FindCommits, and what DiffFile compares."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._texts = cast(TextsV2, engine.profile.texts)

    def view(self, file: pb.File) -> View:
        """The files of the commit, of which a request names one."""
        return self._engine.files.open(convert.commit_ref(file.commit), file.datum)

    def get(self, request: pb.GetFileRequest) -> AsyncIterator[bytes]:
        """GetFile: the content of exactly one file."""
        required(request, "file")
        _check_supported(request)
        if request.offset < 0:
            raise EngineError("UNAVAILABLE", "a negative offset can kill a real 2.x server; nothing was read")
        with during(self._engine.profile.context.get("get file", "")):
            view = self.view(request.file)
        found = _matches(view, request)
        if any(info.is_dir for info in found[:1]):
            raise self._texts.read_directory()
        if len(found) > 1:
            raise self._texts.read_several()
        return self._messages(self._engine.files.read(request.file.path, view.content(found), request.offset))

    def tar(self, request: pb.GetFileRequest) -> AsyncIterator[bytes]:
        """GetFileTAR: everything that matches, directories with all below them."""
        required(request, "file")
        _check_supported(request)
        view = self.view(request.file)
        tops = _matches(view, request)
        below = (info for top in tops for info in view.walk(top.path))
        infos = {(info.path, info.datum): info for info in ranged(below, request)}
        return self._messages(tars.stream(self._entries(view, infos.values())))

    def _messages(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Serialized BytesValues, as large as the real server makes them."""
        return tars.in_messages(pieces, self._engine.profile.message_size, bytes_value_head)

    async def _entries(self, view: View, infos: Iterable[FileInfo]) -> AsyncIterator[tars.TarEntry]:
        for info in infos:
            if info.is_dir:
                yield tars.TarEntry(info.path)
            else:
                content = self._engine.files.read(info.path, view.content([info]))
                yield tars.TarEntry(info.path, info.size, content)

    def check_walk(self, view: View, path: str) -> None:
        """Refuse to walk from a path that is not there."""
        if not view.find(path) and clean(path) != "/":
            raise self._texts.nothing_to_walk(view.commit, clean(path))

    def compared(self, request: pb.DiffFileRequest) -> tuple[View, View | None, str]:
        """The views that DiffFile compares; the older one defaults to the parent."""
        ref = convert.commit_ref(request.new_file.commit)
        with during(self._engine.profile.context.get("compare files", "")):
            new = self.view(request.new_file)
        if request.HasField("old_file"):
            return new, self.view(request.old_file), request.old_file.path
        return new, self._engine.files.parent(ref), request.new_file.path

    async def find_commits(self, request: pb.FindCommitsRequest) -> AsyncIterator[pb.FindCommitsResponse]:
        """FindCommits: ancestors in which a file changed, newest first, as many as asked for."""
        required(request, "start")
        searched, found = 0, 0
        for info in self._engine.history.ancestors(convert.commit_ref(request.start)):
            commit = convert.commit_message(info.key)
            if info.finished is None:
                raise refused(f"commit {self._engine.profile.texts.commit(info.key)} not finished")
            if self._changed(CommitRef(info.key.repo, info.key.id), request.file_path):
                found += 1
                yield pb.FindCommitsResponse(found_commit=commit, commits_searched=searched)
            searched += 1
            if found == request.limit and request.limit:
                break
        yield pb.FindCommitsResponse(last_searched_commit=commit, commits_searched=searched)

    def _changed(self, ref: CommitRef, path: str) -> bool:
        parent = self._engine.files.parent(ref)
        now = [info.hash for info in self._engine.files.open(ref).find(path)]
        return now != ([info.hash for info in parent.find(path)] if parent is not None else [])


def _check_supported(request: pb.GetFileRequest) -> None:
    """Refuse what this server does not do."""
    if request.url:
        raise EngineError("UNIMPLEMENTED", "GetFile to an object store: this dev server does not do it yet")


def ranged(infos: Iterable[FileInfo], request: pb.GetFileRequest | pb.GlobFileRequest) -> Iterator[FileInfo]:
    """What is in the range of paths that a request asks for, if it does."""
    lower, upper = request.path_range.lower, request.path_range.upper
    return (info for info in infos if in_range(info.path, info.is_dir, lower, upper))


def _matches(view: View, request: pb.GetFileRequest) -> list[FileInfo]:
    """What a path or pattern means; refused if that is nothing."""
    path = request.file.path
    found = list(ranged(view.glob(path) if clean(path) != "/" else view.find(path), request))
    if not found:
        raise view.missing(path)
    return found


def paged(infos: Iterable[FileInfo], request: pb.ListFileRequest | pb.WalkFileRequest) -> Iterator[pb.FileInfo]:
    """The page of a list that a request asks for: in order or reversed, after a marker, so many."""
    if request.reverse and not request.number:
        raise refused("number must be > 0 when reverse is true")
    if request.number > _LONGEST_PAGE:
        raise refused(f"cannot return more than {_LONGEST_PAGE} files at a time")
    messages: Iterable[pb.FileInfo] = map(convert.file_info, infos)
    if request.reverse:
        messages = reversed(list(messages))
    marker = request.pagination_marker.path
    if marker:
        messages = (one for one in messages if one.file.path != marker and (one.file.path < marker) == request.reverse)
    return islice(messages, request.number or None)
