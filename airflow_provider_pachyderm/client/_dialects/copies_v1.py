"""Copying files on 1.x: CopyFile of ``pfs.API``."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Sequence

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Call, Plan, nothing
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.copies import Copies, check_copy
from airflow_provider_pachyderm.client._dialects.files_v1 import FilesV1
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.uploads_v1 import PIECE, has_header
from airflow_provider_pachyderm.client._errors import CommitNotFinished, PathConflict
from airflow_provider_pachyderm.client._models import Commit, CommitState, FileInfo, FileType
from airflow_provider_pachyderm.client._paths import below, join


class CopiesV1(Copies):
    """A directory is copied in one call where that does what it is to do, else file by file."""

    def __init__(self, names: NamesV1, files: FilesV1, commits: Commits) -> None:
        super().__init__(files, commits)
        self._names = names
        self._files = files

    def copy(self, source: FileInfo, target: Commit, path: str, *, append: bool, fresh: bool) -> Plan[None]:
        self.capabilities.require(Feature.COPY_FILE)
        check_copy(source, path)
        infos: list[FileInfo] = [source]
        if source.type is FileType.DIR:
            infos = yield from self._files.walk_all(source.commit, source.path)
            at_once = Feature.COPY_TREE in self.capabilities and path != "/" and (append or fresh)
            # of a root without files 1.10 to 1.13 die, if it is of an output commit that a pipeline left empty
            has_files = any(info.type is FileType.FILE for info in infos)
            if at_once and has_files and not _have_headers(infos):
                yield self._copy(source.commit, source.path, target, path, append=append)
                return
        files = [info.path for info in infos if info.type is FileType.FILE]
        copies = {join(path, below(each, source.path)) if each != source.path else path: each for each in files}
        yield from self._copy_each(source, copies, target, path, append)
        if copies and Feature.COPY_HEADER not in self.capabilities:
            try:
                there = yield from self._files.paths_below(target, path)
                has_all = bool(there) and copies.keys() <= set(there)
            except CommitNotFinished:
                # nobody may look into what is made from others before it is finished
                has_all = not (yield from self._may_share_header(source, infos))
            if not has_all:
                self.capabilities.require(Feature.COPY_HEADER)

    def _may_share_header(self, source: FileInfo, infos: Sequence[FileInfo]) -> Plan[bool]:
        if source.type is FileType.FILE:
            if not PIECE.fullmatch(posixpath.basename(source.path)):
                return False
            directory = yield from self._files.inspect(source.commit, posixpath.dirname(source.path))
            return has_header(directory, (yield from self._files.list(source.commit, directory.path).all()))
        return _have_headers(infos)

    def _copy(self, source: Commit, source_path: str, target: Commit, path: str, *, append: bool) -> Call[None]:
        src, dst = self._names.file(source, source_path), self._names.file(target, path)
        request = pfs_pb2.CopyFileRequest(src=src, dst=dst, overwrite=not append)
        return Call(methods.Pfs.CopyFile, request, nothing, f"{target}:{path}")

    def _copy_each(
        self, source: FileInfo, copies: dict[str, str], target: Commit, path: str, append: bool
    ) -> Plan[None]:
        """Copy file by file, and delete what is not copied to a directory.

        :param copies: from where each is copied.
        """
        replaces = source.type is FileType.DIR and not append
        there = (yield from self._files.paths_below(target, path)) if replaces else []
        # where one of the two directories is in the other, what is written must not be read afterwards
        for copy in sorted(copies, key=len, reverse=len(path) > len(source.path)):
            yield from self._copy_one(source.commit, copies[copy], target, copy, append)
        for left in there:
            if left not in copies and left != path:
                yield from self._files.remove(target, left)

    def _copy_one(self, source: Commit, source_path: str, target: Commit, path: str, append: bool) -> Plan[None]:
        try:
            yield self._copy(source, source_path, target, path, append=append)
        except PathConflict as conflict:
            is_open = (yield from self._commits.inspect(source)).state is CommitState.OPEN
            if not is_open or f'"{source_path}' not in conflict.server_text:
                raise
            # D83: what only begins like it is taken for what is in it
            raise PathConflict(
                f"{source_path} cannot be copied from {source} while that is open: servers before 2.0 take other files "
                "whose paths begin with its path for files in it; finish the commit first",
                status=conflict.status,
                method=conflict.method,
                server_text=conflict.server_text,
                reference=f"{source}:{source_path}",
            ) from conflict


def _have_headers(infos: Sequence[FileInfo]) -> bool:
    """Say whether there may be pieces with a header among these: it does not count in the size of a directory."""
    within: dict[str, int] = defaultdict(int)
    for info in infos:
        within[posixpath.dirname(info.path)] += info.size_bytes
    return any(info.size_bytes != within[info.path] for info in infos if info.type is FileType.DIR)
