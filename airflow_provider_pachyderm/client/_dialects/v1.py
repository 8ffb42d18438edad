"""Pachyderm 1.9 to 1.13: ``pfs.API``; its files."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2, transaction_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects import v1_replies as read
from airflow_provider_pachyderm.client._dialects.auth import AuthV1
from airflow_provider_pachyderm.client._dialects.base import Dialect
from airflow_provider_pachyderm.client._dialects.branches_v1 import BranchesBefore1_7, BranchesFrom1_7
from airflow_provider_pachyderm.client._dialects.calls import (
    Call,
    Listing,
    Plan,
    file_absent,
    nothing,
    one,
)
from airflow_provider_pachyderm.client._dialects.commit_removal_v1 import CommitRemovalV1
from airflow_provider_pachyderm.client._dialects.commit_search import CommitSearch
from airflow_provider_pachyderm.client._dialects.commit_sets import CommitSets
from airflow_provider_pachyderm.client._dialects.commits_v1 import CommitsV1
from airflow_provider_pachyderm.client._dialects.diffs import Diff
from airflow_provider_pachyderm.client._dialects.downloads import Download, Proof, part_of, read_bytes
from airflow_provider_pachyderm.client._dialects.file_system import FileSystemV1
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.projects import Projects
from airflow_provider_pachyderm.client._dialects.repos_v1 import ReposV1
from airflow_provider_pachyderm.client._dialects.roles_v1 import RolesV1
from airflow_provider_pachyderm.client._dialects.subscriptions import Subscriptions
from airflow_provider_pachyderm.client._dialects.transactions import Transactions
from airflow_provider_pachyderm.client._dialects.uploads import Split, Upload, UploadV1
from airflow_provider_pachyderm.client._dialects.wholeness import WalkTally
from airflow_provider_pachyderm.client._errors import FileNotFound, IsADirectory, PathConflict
from airflow_provider_pachyderm.client._local.digests import Objects
from airflow_provider_pachyderm.client._models import (
    Commit,
    Delimiter,
    FileInfo,
    FilePair,
    FileType,
)
from airflow_provider_pachyderm.client._paths import below, join
from airflow_provider_pachyderm.client._patterns import exactly

Pfs = methods.Pfs
# what the number of a piece looks like, which servers read as a hexadecimal one
_PIECE = re.compile(r"[0-9a-fA-F]{1,16}")

_SPLITS = {
    Delimiter.JSON: Feature.SPLIT,
    Delimiter.LINE: Feature.SPLIT,
    Delimiter.SQL: Feature.SPLIT_SQL,
    Delimiter.CSV: Feature.SPLIT_CSV,
}


class DialectV1(Dialect):
    """The calls of ``pfs.API`` for files."""

    def __init__(self, capabilities: Capabilities) -> None:
        super().__init__(capabilities)
        self.names = names = NamesV1(capabilities)
        objects = Feature.BRANCH_OBJECTS in capabilities
        self.branches = BranchesFrom1_7(names) if objects else BranchesBefore1_7(names)
        self.repos = repos = ReposV1(names, self.branches)
        self.projects = Projects(capabilities)
        self.file_system = FileSystemV1(capabilities, repos)
        self.commits = commits = CommitsV1(names, self.branches, repos)
        self.commit_sets = CommitSets(capabilities)
        self.commit_removal = CommitRemovalV1(names, self.branches, commits)
        self.commit_search = CommitSearch(commits, self._changes)
        self.subscriptions = Subscriptions(repos, commits)
        self.transactions = Transactions(capabilities, methods.Transaction, transaction_pb2, read.read_commit)
        self.auth = AuthV1(capabilities)
        self.roles = RolesV1(names)

    def upload(
        self,
        commit: Commit,
        path: str,
        *,
        append: bool,
        tree: bool = False,
        split: Split | None = None,
        index: int = 0,
        datum: str = "",
    ) -> Plan[Upload]:
        if split is not None:
            self.capabilities.require(_SPLITS[split.delimiter])
        if split is not None and split.header_records:
            self.capabilities.require(Feature.SPLIT_HEADER)
        if index:
            self.capabilities.require(Feature.OVERWRITE_INDEX)
            yield from self._check_no_directory(commit, path)
        self._check_datum(datum)
        if split is not None:
            yield from self._check_split(commit, path, split)
        return self._uploading(commit, append=append or split is not None, split=split, index=index)

    def _check_no_directory(self, commit: Commit, path: str) -> Plan[None]:
        """Refuse what kills the server when the commit is finished."""
        try:
            place: FileInfo = yield self.inspect_file(commit, path)
        except FileNotFound:
            return
        if place.type is FileType.DIR:
            raise PathConflict(f"{path} is a directory in {commit}", reference=f"{commit}:{path}")

    def _check_split(self, commit: Commit, path: str, split: Split) -> Plan[None]:
        """Refuse to split into a place where the server could not finish the commit, or would crash."""
        if Feature.READ_OPEN not in self.capabilities:
            return
        try:
            place: FileInfo = yield self.inspect_file(commit, path)
        except FileNotFound:
            return
        if place.type is FileType.FILE:
            raise PathConflict(
                f"{path} is a file in {commit}: nothing can be split into it", reference=f"{commit}:{path}"
            )
        # only a header, and no pieces yet, may be in it
        pieces = yield from replace(self.list_file(commit, path), absent=None).all()
        for piece in pieces:
            if not _PIECE.fullmatch(posixpath.basename(piece.path)):
                raise PathConflict(
                    f"{piece.path} is not numbered as the pieces of a split are: split into another directory",
                    reference=f"{commit}:{path}",
                )
        if split.header_records and pieces and not _has_header(place, pieces):
            self.capabilities.require(Feature.SPLIT_HEADER_ADDED)

    def _uploading(self, target: Commit, *, append: bool, split: Split | None, index: int) -> Upload:
        return UploadV1(target, self.names.commit(target), append=append, split=split, index=index)

    def _check_datum(self, datum: str) -> None:
        if datum:
            self.capabilities.require(Feature.DATUM_FILES)

    def copy_file(self, source: FileInfo, target: Commit, path: str, *, append: bool, fresh: bool) -> Plan[None]:
        self.capabilities.require(Feature.COPY_FILE)
        self.check_copy(source, path)
        infos: list[FileInfo] = [source]
        if source.type is FileType.DIR:
            infos = yield from self.walk_file(source.commit, source.path).all()
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
            there = yield from self._files_below(target, path)
            if not there or not copies.keys() <= set(there):
                self.capabilities.require(Feature.COPY_HEADER)

    def _copy(self, source: Commit, source_path: str, target: Commit, path: str, *, append: bool) -> Call[None]:
        src, dst = self.names.file(source, source_path), self.names.file(target, path)
        request = pfs_pb2.CopyFileRequest(src=src, dst=dst, overwrite=not append)
        return Call(Pfs.CopyFile, request, nothing, f"{target}:{path}")

    def _copy_each(
        self, source: FileInfo, copies: dict[str, str], target: Commit, path: str, append: bool
    ) -> Plan[None]:
        """Copy file by file, and delete what is not copied to a directory.

        :param copies: from where each is copied.
        """
        replaces = source.type is FileType.DIR and not append
        there = (yield from self._files_below(target, path)) if replaces else []
        # where one of the two directories is in the other, what is written must not be read afterwards
        for copy in sorted(copies, key=len, reverse=len(path) > len(source.path)):
            yield self._copy(source.commit, copies[copy], target, copy, append=append)
        for left in there:
            if left not in copies and left != path:
                yield self._delete(target, left)

    def _files_below(self, commit: Commit, path: str) -> Plan[list[str]]:
        try:
            infos = yield from self.walk_file(commit, path).all()
        except FileNotFound:
            return []
        return [info.path for info in infos if info.type is FileType.FILE]

    def download(
        self, commit: Commit, path: str, offset: int = 0, size: int = 0, *, known: FileInfo | None = None
    ) -> Plan[Download]:
        # A directory reads as an empty file, and a stream that ends early looks like one that ended: so ask first.
        inspect = self.inspect_file(commit, path)
        inspection = read.Inspection(inspect.read)
        info: FileInfo = known or (yield replace(inspect, read=inspection))
        if info.type is FileType.DIR:
            raise IsADirectory(f"{path} is a directory in {commit}", reference=f"{commit}:{path}")
        part = self._part(info, path, offset, size, f"{commit}:{path}")
        return part if offset or size or inspection.of_several else replace(part, proof=self._proof(info))

    def _proof(self, info: FileInfo) -> Proof | None:
        if Feature.OBJECT_DIGESTS not in self.capabilities:
            return None
        return Proof(info.hash, partial(self._objects, info))

    def _objects(self, info: FileInfo) -> Plan[Objects]:
        ask: Call[Any] = self.inspect_file(info.commit, info.path)
        objects: Objects = yield replace(ask, read=read.objects)
        return objects

    def _part(self, info: FileInfo, path: str, offset: int, size: int, about: str) -> Download:
        wanted = part_of(info, offset, size)
        file = self.names.file(info.commit, self._pattern(path))
        request = pfs_pb2.GetFileRequest(file=file, offset_bytes=offset, size_bytes=size)
        download = Download(Call(Pfs.GetFile, request, read_bytes, about), *wanted)
        if Feature.TRUE_SIZES in self.capabilities:
            return download
        download = replace(download, rest=lambda came: self._after(info, path, offset + came, about))
        if Feature.FULL_SIZES in self.capabilities:
            return download
        return replace(download, full=False, limit=size or None)

    def _after(self, info: FileInfo, path: str, offset: int, about: str) -> Download | None:
        """Read what there is after some bytes, be the file as long as it may; a stream without any proves nothing."""
        if not offset:
            return None
        ranges = Feature.RANGES in self.capabilities
        file = self.names.file(info.commit, self._pattern(path))
        request = pfs_pb2.GetFileRequest(file=file, offset_bytes=offset if ranges else 0)
        return Download(Call(Pfs.GetFile, request, read_bytes, about), skip=0 if ranges else offset)

    def _pattern(self, path: str) -> str:
        """Write a path so that a server takes it for nothing else."""
        if Feature.LITERAL_PATHS in self.capabilities:
            return path
        pattern = exactly(path, "*?[]{}!()@+^" if Feature.GLOB_GROUPS in self.capabilities else "*?[]{}!")
        if pattern != path and not path.isascii():
            self.capabilities.require(Feature.MIXED_NAMES)
        return pattern

    def inspect_file(self, commit: Commit, path: str) -> Call[FileInfo]:
        request = pfs_pb2.InspectFileRequest(file=self.names.file(commit, path))
        return Call(Pfs.InspectFile, request, read.FileInfoReader(commit), f"{commit}:{path}")

    def list_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        request = pfs_pb2.ListFileRequest(file=self.names.file(commit, self._pattern(path)))
        absent = file_absent(commit, path)
        call = Call(Pfs.ListFileStream, request, one(read.FileInfoReader(commit)), f"{commit}:{path}")
        return Listing(call, absent=absent)

    def walk_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        request = pfs_pb2.WalkFileRequest(file=self.names.file(commit, path))
        absent = file_absent(commit, path)
        call = Call(Pfs.WalkFile, request, one(read.FileInfoReader(commit)), f"{commit}:{path}")
        return Listing(call, absent=absent, tally=partial(WalkTally, call.about, call.method.path))

    def glob_file(self, commit: Commit, pattern: str) -> Listing[FileInfo]:
        request = pfs_pb2.GlobFileRequest(commit=self.names.commit(commit), pattern=pattern)
        return Listing(Call(Pfs.GlobFileStream, request, one(read.FileInfoReader(commit)), f"{commit}:{pattern}"))

    def diff_file(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        self.capabilities.require(Feature.DIFF_FILE)
        diff = Diff(new_path, old_path, shallow=shallow)
        new_reader, old_reader = read.FileInfoReader(new), read.FileInfoReader(old or new)

        def pairs(reply: pfs_pb2.DiffFileResponse) -> Iterable[FilePair]:
            return diff.pair_up(map(new_reader, reply.new_files), map(old_reader, reply.old_files))

        request = pfs_pb2.DiffFileRequest(
            new_file=self.names.file(new, new_path),
            old_file=None if old is None else self.names.file(old, old_path),
            shallow=shallow,
        )
        return Listing(Call(Pfs.DiffFile, request, pairs, f"{new}:{new_path}"))

    def delete_file(self, target: Commit, path: str, datum: str = "", *, fresh: bool) -> Plan[None]:
        self._check_datum(datum)
        if not fresh and Feature.DELETE_TREE not in self.capabilities:
            for file in (yield from self._files_below(target, path)):
                yield self._delete(target, file)
        if path == "/" and Feature.DELETE_ROOT not in self.capabilities:
            yield from self._delete_entries(target, fresh)
        else:
            yield self._delete(target, path)

    def _delete(self, target: Commit, path: str) -> Call[None]:
        request = pfs_pb2.DeleteFileRequest(file=self.names.file(target, self._pattern(path)))
        return Call(Pfs.DeleteFile, request, nothing, f"{target}:{path}")

    def _delete_entries(self, target: Commit, fresh: bool) -> Plan[None]:
        where: Commit | None = target
        if Feature.READ_OPEN not in self.capabilities:
            if not fresh:
                self.capabilities.require(Feature.READ_OPEN)
            started = yield from self.commits.inspect(target)
            where = started.parent
        if where is not None:
            for entry in (yield from self.list_file(where, "/").all()):
                yield self._delete(target, entry.path)


def _has_header(directory: FileInfo, pieces: Sequence[FileInfo]) -> bool:
    """Say whether pieces have a header in front of each; in the size of their directory, it counts once.

    Of a single piece that cannot be told.
    """
    return sum(piece.size_bytes for piece in pieces) != directory.size_bytes


def _have_headers(infos: Sequence[FileInfo]) -> bool:
    """Say whether there may be pieces with a header among these: it does not count in the size of a directory."""
    within: dict[str, int] = defaultdict(int)
    for info in infos:
        within[posixpath.dirname(info.path)] += info.size_bytes
    return any(info.size_bytes != within[info.path] for info in infos if info.type is FileType.DIR)
