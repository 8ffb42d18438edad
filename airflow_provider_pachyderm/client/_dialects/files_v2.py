"""Files of 2.x: ``pfs_v2.API``."""

from __future__ import annotations

from collections.abc import Container, Iterable
from functools import partial

from airflow_provider_pachyderm._wire.v2 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._dialects import replies_v2 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, Send, one
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.completeness import WalkTally
from airflow_provider_pachyderm.client._dialects.files import Everything, Files, file_absent
from airflow_provider_pachyderm.client._dialects.modify_messages import delete_frames, opening_frame
from airflow_provider_pachyderm.client._dialects.names_v2 import NamesV2
from airflow_provider_pachyderm.client._errors import BranchNotFound, CommitNotFinished, FileNotFound
from airflow_provider_pachyderm.client._models import Commit, FileInfo, PathRange
from airflow_provider_pachyderm.client._paths import PathOrder, literal_root, unstorable

Pfs = methods.Pfs


class FilesV2(Files):
    """The calls of ``pfs_v2.API`` for files."""

    def __init__(self, names: NamesV2, commits: Commits) -> None:
        super().__init__(names.capabilities)
        self._names = names
        self._commits = commits

    def inspect(self, commit: Commit, path: str) -> Plan[FileInfo]:
        reader = read.FileInfoReader(commit)
        request = pfs_pb2.InspectFileRequest(file=self._names.file(commit, path))
        try:
            info: FileInfo = yield Call(Pfs.InspectFile, request, reader, f"{commit}:{path}")
        except FileNotFound:
            if path != "/":
                raise
            # where nothing is in the root, these servers say that it does not exist
            at = None if commit.id else (yield from self._commits.inspect(commit)).commit
            where = self._names.file(at or commit, "/")
            return reader(pfs_pb2.FileInfo(file=where, file_type=pfs_pb2.FILE_TYPE_DIR))
        return info

    def list(self, commit: Commit, path: str) -> Listing[FileInfo]:
        return self._list(commit, path, None)

    def list_after(self, commit: Commit, path: str, after: str) -> Listing[FileInfo]:
        # in one directory, what is behind a name in our order is behind it in the server's, too: that is by the same
        # bytes, with a slash behind some
        paged = Feature.LIST_AFTER in self.capabilities
        return self._list(commit, path, self._names.file(commit, after) if paged else None)

    def _list(self, commit: Commit, path: str, marker: pfs_pb2.File | None) -> Listing[FileInfo]:
        details = Feature.LIST_DETAILS in self.capabilities
        request = pfs_pb2.ListFileRequest(
            file=self._names.file(commit, path), details=details, pagination_marker=marker
        )
        call = Call(Pfs.ListFile, request, one(read.FileInfoReader(commit)), f"{commit}:{path}")
        return Listing(call, absent=file_absent(commit, path), order=partial(PathOrder, _path, path))

    def walk(self, commit: Commit, path: str) -> Listing[FileInfo]:
        request = pfs_pb2.WalkFileRequest(file=self._names.file(commit, path))
        call = Call(Pfs.WalkFile, request, one(read.FileInfoReader(commit)), f"{commit}:{path}")
        tally = partial(WalkTally, call.about, call.method.path)
        order = partial(PathOrder, _path, path)
        return Listing(call, absent=file_absent(commit, path), order=order, tally=tally)

    def paths_below(self, commit: Commit, path: str) -> Plan[Container[str]]:
        """Find the files that are there, or in the directory that is there."""
        request = pfs_pb2.WalkFileRequest(file=self._names.file(commit, path))
        call: Call[Iterable[str]] = Call(Pfs.WalkFile, request, read.file_path, f"{commit}:{path}")
        paths = Listing(call, tally=partial(WalkTally, call.about, call.method.path))
        try:
            return frozenset((yield from paths.all()))
        except (FileNotFound, BranchNotFound):
            return frozenset()
        except CommitNotFinished:
            # what is in the commit cannot be told while its parent is being finished
            return Everything()

    def glob(self, commit: Commit, pattern: str) -> Listing[FileInfo]:
        return self._glob(commit, pattern, None)

    def glob_within(self, commit: Commit, pattern: str, within: PathRange) -> Listing[FileInfo]:
        if Feature.PATH_RANGE not in self.capabilities:
            return super().glob_within(commit, pattern, within)
        return self._glob(commit, pattern, within)

    def _glob(self, commit: Commit, pattern: str, within: PathRange | None) -> Listing[FileInfo]:
        request = pfs_pb2.GlobFileRequest(
            commit=self._names.commit(commit), pattern=pattern, path_range=range_message(within)
        )
        call = Call(Pfs.GlobFile, request, one(read.FileInfoReader(commit)), f"{commit}:{pattern}")
        return Listing(call, order=partial(PathOrder, _path, literal_root(pattern)))

    def delete(self, target: Commit, path: str, datum: str = "", *, fresh: bool) -> Plan[None]:
        check_deletable(self.capabilities, path)
        frames = (opening_frame(self._names.commit(target)), *delete_frames(path, datum))
        yield Send(Pfs.ModifyFile, frames, f"{target}:{path}")


def check_deletable(capabilities: Capabilities, path: str) -> None:
    """Refuse to delete what servers can only delete with the directory that it is in."""
    if unstorable(path):
        capabilities.require(Feature.DELETE_ANY_NAME)


def range_message(within: PathRange | None) -> pfs_pb2.PathRange | None:
    """Write a range of paths, if there is one."""
    return None if within is None else pfs_pb2.PathRange(lower=within.lower, upper=within.upper)


def _path(info: FileInfo) -> str:
    return info.path
