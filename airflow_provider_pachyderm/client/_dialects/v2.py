"""Pachyderm 2.x: ``pfs_v2.API``; its files."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from copy import copy as copied
from dataclasses import replace
from functools import partial

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2, transaction_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._changes import Change, Delete
from airflow_provider_pachyderm.client._dialects import v2_replies as read
from airflow_provider_pachyderm.client._dialects.auth import AuthV2
from airflow_provider_pachyderm.client._dialects.branches_v2 import BranchesV2
from airflow_provider_pachyderm.client._dialects.calls import (
    Call,
    Listing,
    Plan,
    Send,
    file_absent,
    one,
    raw,
)
from airflow_provider_pachyderm.client._dialects.changes import (
    FEW,
    Changes,
    Everything,
    delete_frames,
    overwritten,
    shared_directory,
)
from airflow_provider_pachyderm.client._dialects.commit_removal_v2 import CommitRemovalV2
from airflow_provider_pachyderm.client._dialects.commit_search import CommitSearchV2
from airflow_provider_pachyderm.client._dialects.commit_sets import CommitSetsV2
from airflow_provider_pachyderm.client._dialects.commits_v2 import CommitsV2
from airflow_provider_pachyderm.client._dialects.diffs import Diff
from airflow_provider_pachyderm.client._dialects.downloads import Download, part_of, read_bytes
from airflow_provider_pachyderm.client._dialects.file_system import FileSystemV2
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._dialects.projects import ProjectsV2
from airflow_provider_pachyderm.client._dialects.repos_v2 import ReposV2
from airflow_provider_pachyderm.client._dialects.roles_v2 import RolesV2
from airflow_provider_pachyderm.client._dialects.subscriptions import Subscriptions
from airflow_provider_pachyderm.client._dialects.transactions import Transactions
from airflow_provider_pachyderm.client._dialects.uploads import Split, Upload, UploadV2, opening_frame
from airflow_provider_pachyderm.client._dialects.v2_file_sets import FileSetsV2
from airflow_provider_pachyderm.client._dialects.wholeness import WalkTally
from airflow_provider_pachyderm.client._errors import (
    BranchNotFound,
    CommitNotFinished,
    FileNotFound,
    IsADirectory,
)
from airflow_provider_pachyderm.client._local.tars import Follower
from airflow_provider_pachyderm.client._models import (
    Commit,
    FileInfo,
    FilePair,
    FileType,
    PathRange,
)
from airflow_provider_pachyderm.client._paths import PathOrder, join, literal_root, unstorable
from airflow_provider_pachyderm.client._patterns import exactly

Pfs = methods.Pfs


class DialectV2(FileSetsV2):
    """The calls of ``pfs_v2.API`` for files."""

    def __init__(self, capabilities: Capabilities) -> None:
        super().__init__(capabilities)
        self.names = names = NamesV2(capabilities)
        self.branches = branches = BranchesV2(names)
        self.repos = repos = ReposV2(names, branches)
        self.projects = ProjectsV2(names, repos)
        self.file_system = FileSystemV2(capabilities, repos)
        self.commit_sets = commit_sets = CommitSetsV2(names)
        self.commits = commits = CommitsV2(names, branches, commit_sets)
        self.commit_removal = CommitRemovalV2(names, branches, commits, commit_sets)
        self.commit_search = CommitSearchV2(names, commits, self._changes)
        self.subscriptions = Subscriptions(repos, commits)
        self.transactions = Transactions(capabilities, methods.Transaction, transaction_pb2, read.read_commit)
        self.auth = AuthV2(capabilities)
        self.roles = RolesV2(capabilities)

    def of_datum(self, datum: str) -> DialectV2:
        if not datum:
            return self
        ours = copied(self)
        ours.names = replace(self.names, datum=datum)
        return ours

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
            self.capabilities.require(Feature.SPLIT)
        if index:
            self.capabilities.require(Feature.OVERWRITE_INDEX)
        if append:
            existing: Container[str] = frozenset()
        elif tree:
            existing = yield from self._files_below(commit, path)
        else:
            existing = frozenset({path})  # to delete what may not be there is quicker than to look
        return UploadV2(commit, self.names.commit(commit), existing, datum, append=append)

    def changes(self, commit: Commit, wanted: Sequence[Change]) -> Plan[Changes]:
        """Prepare to do all of this in one stream (2.x)."""
        for change in wanted:
            if isinstance(change, Delete):
                self._check_deletable(change.path)
        paths = overwritten(wanted)
        existing: Container[str] = frozenset(paths)
        if len(paths) > FEW:
            existing = yield from self._files_below(commit, shared_directory(paths))
        upload = UploadV2(commit, self.names.commit(commit), frozenset())
        return (yield from self._changing(upload, wanted, existing))

    def copy_file(self, source: FileInfo, target: Commit, path: str, *, append: bool, fresh: bool) -> Plan[None]:
        frames = yield from self._copy_frames(source, path, append=append)
        yield Send(Pfs.ModifyFile, (opening_frame(self.names.commit(target)), *frames), f"{target}:{path}")

    def _files_below(self, commit: Commit, path: str) -> Plan[Container[str]]:
        request = pfs_pb2.WalkFileRequest(file=self.names.file(commit, path))
        try:
            call: Call[Iterable[str]] = Call(Pfs.WalkFile, request, read.file_path, f"{commit}:{path}")
            paths = Listing(call, tally=partial(WalkTally, call.about, call.method.path))
            return frozenset((yield from paths.all()))
        except (FileNotFound, BranchNotFound):
            return frozenset()
        except CommitNotFinished:
            # what is in the commit cannot be told while its parent is being finished
            return Everything()

    def download(
        self, commit: Commit, path: str, offset: int = 0, size: int = 0, *, known: FileInfo | None = None
    ) -> Plan[Download]:
        # A stream that ends early may look like one that ended: so ask first how much there is.
        info: FileInfo = known or (yield self.inspect_file(commit, path))
        if info.type is FileType.DIR:
            raise IsADirectory(f"{path} is a directory in {commit}", reference=f"{commit}:{path}")
        file = self.names.file(info.commit if commit.id is None else commit, exactly(path))
        request = pfs_pb2.GetFileRequest(file=file, offset=offset)
        return Download(Call(Pfs.GetFile, request, read_bytes, f"{commit}:{path}"), *part_of(info, offset, size))

    def archive(self, commit: Commit, path: str, within: PathRange | None = None) -> Download:
        wanted = exactly(path)
        if within is not None and within.lower > join(path, ""):
            # Servers take what is below a directory only if they meet that, which the range leaves out.
            wanted = join(wanted, "**")
        request = pfs_pb2.GetFileRequest(file=self.names.file(commit, wanted), path_range=_range(within))
        return Download(Call(Pfs.GetFileTAR, request, read_bytes, f"{commit}:{path}"), check=Follower)

    def inspect_file(self, commit: Commit, path: str) -> Call[FileInfo]:
        request = pfs_pb2.InspectFileRequest(file=self.names.file(commit, path))
        call = Call(Pfs.InspectFile, request, read.FileInfoReader(commit), f"{commit}:{path}")
        return replace(call, by=partial(self._inspect_root, call, commit)) if path == "/" else call

    def _inspect_root(self, call: Call[FileInfo], commit: Commit) -> Plan[pfs_pb2.FileInfo]:
        """Describe the root; where nothing is in it, these servers say that it does not exist."""
        try:
            root: pfs_pb2.FileInfo = yield replace(call, read=raw)
        except FileNotFound:
            info = None if commit.id else (yield from self.commits.inspect(commit))
            where = self.names.file(info.commit if info else commit, "/")
            return pfs_pb2.FileInfo(file=where, file_type=pfs_pb2.FILE_TYPE_DIR)
        return root

    def list_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        return self._list(commit, path, None)

    def list_after(self, commit: Commit, path: str, after: str) -> Listing[FileInfo]:
        # in one directory, what is behind a name in our order is behind it in the server's, too: that is by the same
        # bytes, with a slash behind some
        paged = Feature.LIST_AFTER in self.capabilities
        return self._list(commit, path, self.names.file(commit, after) if paged else None)

    def _list(self, commit: Commit, path: str, marker: pfs_pb2.File | None) -> Listing[FileInfo]:
        details = Feature.LIST_DETAILS in self.capabilities
        request = pfs_pb2.ListFileRequest(file=self.names.file(commit, path), details=details, pagination_marker=marker)
        absent = file_absent(commit, path)
        order = partial(PathOrder, _path, path)
        call = Call(Pfs.ListFile, request, one(read.FileInfoReader(commit)), f"{commit}:{path}")
        return Listing(call, absent=absent, order=order)

    def walk_file(self, commit: Commit, path: str) -> Listing[FileInfo]:
        request = pfs_pb2.WalkFileRequest(file=self.names.file(commit, path))
        absent = file_absent(commit, path)
        order = partial(PathOrder, _path, path)
        call = Call(Pfs.WalkFile, request, one(read.FileInfoReader(commit)), f"{commit}:{path}")
        tally = partial(WalkTally, call.about, call.method.path)
        return Listing(call, absent=absent, order=order, tally=tally)

    def glob_file(self, commit: Commit, pattern: str) -> Listing[FileInfo]:
        return self._glob(commit, pattern, None)

    def glob_within(self, commit: Commit, pattern: str, within: PathRange) -> Listing[FileInfo]:
        if Feature.PATH_RANGE not in self.capabilities:
            return super().glob_within(commit, pattern, within)
        return self._glob(commit, pattern, within)

    def _glob(self, commit: Commit, pattern: str, within: PathRange | None) -> Listing[FileInfo]:
        request = pfs_pb2.GlobFileRequest(commit=self.names.commit(commit), pattern=pattern, path_range=_range(within))
        order = partial(PathOrder, _path, literal_root(pattern))
        call = Call(Pfs.GlobFile, request, one(read.FileInfoReader(commit)), f"{commit}:{pattern}")
        return Listing(call, order=order)

    def diff_file(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        diff = Diff(new_path, old_path, shallow=shallow)
        new_reader, old_reader = read.FileInfoReader(new), read.FileInfoReader(old or new)

        def pairs(reply: pfs_pb2.DiffFileResponse) -> Iterable[FilePair]:
            pair = (
                new_reader(reply.new_file) if reply.HasField("new_file") else None,
                old_reader(reply.old_file) if reply.HasField("old_file") else None,
            )
            return (pair,) if diff.wants(pair) else ()

        request = pfs_pb2.DiffFileRequest(
            new_file=self.names.file(new, new_path), old_file=None if old is None else self.names.file(old, old_path)
        )
        return Listing(Call(Pfs.DiffFile, request, pairs, f"{new}:{new_path}"), order=diff.order)

    def delete_file(self, target: Commit, path: str, datum: str = "", *, fresh: bool) -> Plan[None]:
        self._check_deletable(path)
        frames = (opening_frame(self.names.commit(target)), *delete_frames(path, datum))
        yield Send(Pfs.ModifyFile, frames, f"{target}:{path}")

    def _check_deletable(self, path: str) -> None:
        if unstorable(path):
            self.capabilities.require(Feature.DELETE_ANY_NAME)


def _range(within: PathRange | None) -> pfs_pb2.PathRange | None:
    return None if within is None else pfs_pb2.PathRange(lower=within.lower, upper=within.upper)


def _path(info: FileInfo) -> str:
    return info.path
