"""Files of 1.x: ``pfs.API``."""

from __future__ import annotations

import re
from functools import partial
from typing import TypeAlias

from airflow_provider_pachyderm._wire.v1 import methods, pfs_pb2
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects import replies_v1 as read
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, nothing, once, one
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.completeness import WalkTally
from airflow_provider_pachyderm.client._dialects.file_lists_v1 import DirectoryByDirectory, FileCalls
from airflow_provider_pachyderm.client._dialects.files import Files, file_absent
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._errors import CommitNotFinished, FileNotFound
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FileType
from airflow_provider_pachyderm.client._paths import join
from airflow_provider_pachyderm.client._patterns import exactly

Pfs = methods.Pfs
_Infos: TypeAlias = "list[FileInfo]"
_Paths: TypeAlias = "list[str]"

# what makes a choice of alternatives, or names a class of characters, from 1.9 on
_GROUP = re.compile(r"(?<!\\)\(|\[:")
_MORE_THAN_FNMATCH = re.compile(r"\{|\*\*|\[!")


class FilesV1(Files):
    """The calls of ``pfs.API`` for files."""

    def __init__(self, names: NamesV1, commits: Commits) -> None:
        super().__init__(names.capabilities)
        self._names = names
        self._commits = commits
        self.calls = FileCalls(names)
        self._one_by_one = DirectoryByDirectory(self.calls, commits)

    def inspect(self, commit: Commit, path: str) -> Plan[FileInfo]:
        if Feature.READ_OPEN in self.capabilities:
            return self._one_by_one.inspect(commit, path)
        return once(self.calls.inspect(commit, path))

    def list(self, commit: Commit, path: str) -> Listing[FileInfo]:
        absent = file_absent(commit, path)
        if Feature.WALK_FILE in self.capabilities:
            return Listing(self.calls.list(commit, path), absent=absent)
        return Listing(partial(self._one_by_one.list, commit, path), absent=absent)

    def walk(self, commit: Commit, path: str) -> Listing[FileInfo]:
        absent = file_absent(commit, path)
        if Feature.WALK_FILE not in self.capabilities:
            return Listing(partial(self._one_by_one.walk, commit, path), absent=absent)
        request = pfs_pb2.WalkFileRequest(file=self._names.file(commit, path))
        call = Call(Pfs.WalkFile, request, one(read.FileInfoReader(commit)), f"{commit}:{path}")
        headers = Feature.SPLIT_HEADER in self.capabilities
        return Listing(call, absent=absent, tally=partial(WalkTally, call.about, call.method.path, headers))

    def walk_open(self, commit: Commit, path: str, first: FileInfo) -> Listing[FileInfo] | None:
        # only of what is finished is the time told, which all servers do that walk, but for the first
        itself = first.path == path and first.type is FileType.FILE
        if path == "/" or itself or first.committed is not None or Feature.WALK_FILE not in self.capabilities:
            return None
        return Listing(partial(self._walk_open, commit, path))

    def _walk_open(self, commit: Commit, path: str) -> Plan[_Infos]:
        itself = yield from self.inspect(commit, path)
        below = yield from self.glob(commit, join(exactly(path), "**")).all()
        return [itself, *below]

    def walk_all(self, commit: Commit, path: str) -> Plan[_Infos]:
        """List a directory and all below it, whether the commit is open or not."""
        infos = yield from self.walk(commit, path).all()
        again = self.walk_open(commit, path, infos[0]) if infos else None
        return infos if again is None else (yield from again.all())

    def glob(self, commit: Commit, pattern: str) -> Listing[FileInfo]:
        if _MORE_THAN_FNMATCH.search(pattern):
            self.capabilities.require(Feature.GLOB_BRACES)
        if _GROUP.search(pattern):
            self.capabilities.require(Feature.GLOB_GROUPS)
        if Feature.SORTED_GLOB in self.capabilities:
            return Listing(self.calls.glob(commit, pattern))
        return Listing(partial(self._one_by_one.glob, commit, pattern))

    def paths_below(self, commit: Commit, path: str) -> Plan[_Paths]:
        """Find the files that are there, or in the directory that is there."""
        try:
            infos = yield from self.walk_all(commit, path)
        except FileNotFound:
            return []
        return [info.path for info in infos if info.type is FileType.FILE]

    def readable(self, target: Commit) -> Plan[Commit | None]:
        """Give what tells of the files of an open commit: on 1.4 its parent, if it has one."""
        if Feature.READ_OPEN in self.capabilities:
            return target
        return (yield from self._commits.inspect(target)).parent

    def delete(self, target: Commit, path: str, datum: str = "", *, fresh: bool) -> Plan[None]:
        if datum:
            self.capabilities.require(Feature.DATUM_FILES)
        if not fresh and Feature.DELETE_TREE not in self.capabilities:
            for file in (yield from self._paths_to_delete(target, path)):
                yield from self.remove(target, file)
        if path == "/" and Feature.DELETE_ROOT not in self.capabilities:
            yield from self._delete_entries(target, fresh)
        else:
            yield from self.remove(target, path)

    def _paths_to_delete(self, target: Commit, path: str) -> Plan[_Paths]:
        try:
            return (yield from self.paths_below(target, path))
        except CommitNotFinished:
            # nobody may look into what is made from others before it is finished: what it began with is known
            parent = (yield from self._commits.inspect(target)).parent
            return [] if parent is None else (yield from self.paths_below(parent, path))

    def remove(self, target: Commit, path: str) -> Plan[None]:
        """DeleteFile itself; see :meth:`delete`."""
        request = pfs_pb2.DeleteFileRequest(file=self._names.exact_file(target, path))
        return once(Call(Pfs.DeleteFile, request, nothing, f"{target}:{path}"))

    def _delete_entries(self, target: Commit, fresh: bool) -> Plan[None]:
        if not fresh:
            self.capabilities.require(Feature.READ_OPEN)
        where = yield from self.readable(target)
        if where is not None:
            for entry in (yield from self.list(where, "/").all()):
                yield from self.remove(target, entry.path)
