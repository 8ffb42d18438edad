"""What a dialect is: it turns values into calls and replies into values. No channel, no await, no clock."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._changes import Change
from airflow_provider_pachyderm.client._dialects.calls import Call, Download, Listing, Plan, Send
from airflow_provider_pachyderm.client._dialects.changes import Changes
from airflow_provider_pachyderm.client._dialects.history import History
from airflow_provider_pachyderm.client._dialects.uploads import Split, Upload
from airflow_provider_pachyderm.client._errors import Unsupported
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FileSetType, PathRange
from airflow_provider_pachyderm.client._within import keep


class Dialect(History):
    """One protocol as one server version speaks it. Chosen once per client; everything is delegated to it."""

    def of_datum(self, datum: str) -> Dialect:
        """The same for reading only what was put with a datum; an empty one means all."""
        if datum:
            self.capabilities.require(Feature.DATUM_FILES)
        return self

    @abstractmethod
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
        """Prepare to write the file ``path``, or files below it.

        :param tree: whether ``path`` is a directory.
        :param split: how the server is to make many files of it, always behind those that are there.
        :param index: how many puts to the file to keep, where it overwrites.
        :param datum: what the file is a part of; none if empty.
        """

    def changes(self, commit: Commit, wanted: Sequence[Change]) -> Plan[Changes]:
        """Prepare to make changes in one stream, where servers take such: :attr:`Feature.MODIFY_FILE`."""
        raise Unsupported(self.capabilities.reason(Feature.MODIFY_FILE))

    @abstractmethod
    def copy(self, source: FileInfo, target: Commit, path: str, *, append: bool) -> Call[None] | Send:
        """CopyFile itself; see :meth:`copy_file`."""

    def copy_file(self, source: Commit, source_path: str, commit: Commit, path: str, *, append: bool) -> Plan[None]:
        """Copy a file or a directory. Most servers take a missing one for done, so it is looked for first."""
        info: FileInfo = yield self.inspect_file(source, source_path)
        target = yield from self.writable(commit)
        yield self.copy(info, target, path, append=append)

    @abstractmethod
    def download(
        self, commit: Commit, path: str, offset: int = 0, size: int = 0, *, known: FileInfo | None = None
    ) -> Plan[Download]:
        """Prepare to read one file.

        :param size: 0 for all from ``offset`` on.
        :param known: what the server has just said of the file, to spare asking again.
        """

    def archive(self, commit: Commit, path: str, within: PathRange | None = None) -> Download:
        """Read a file, or a directory with all below it, as an archive: :attr:`Feature.GET_TAR`.

        :param within: only what is in this range: :attr:`Feature.PATH_RANGE`.
        """
        raise Unsupported(self.capabilities.reason(Feature.GET_TAR))

    @abstractmethod
    def inspect_file(self, commit: Commit, path: str) -> Call[FileInfo]: ...

    @abstractmethod
    def list_file(self, commit: Commit, path: str) -> Listing[FileInfo]: ...

    def list_after(self, commit: Commit, path: str, after: str) -> Listing[FileInfo]:
        """List a directory; what is not behind the path ``after`` may be left out: :attr:`Feature.LIST_AFTER`."""
        return self.list_file(commit, path)

    @abstractmethod
    def walk_file(self, commit: Commit, path: str) -> Listing[FileInfo]: ...

    @abstractmethod
    def glob_file(self, commit: Commit, pattern: str) -> Listing[FileInfo]: ...

    def glob_within(self, commit: Commit, pattern: str, within: PathRange) -> Listing[FileInfo]:
        """Find only what is in a range of paths."""
        return keep(self.glob_file(commit, pattern), within)

    @abstractmethod
    def delete_file(self, commit: Commit, path: str, datum: str = "") -> Plan[None]: ...

    # file sets

    def new_file_set(self, wanted: Sequence[Change]) -> Plan[Changes]:
        """Prepare to make a file set of changes in one stream, whose reply is its id."""
        raise self.capabilities.unsupported(Feature.FILE_SETS)

    def get_file_set(self, commit: Commit, type: FileSetType) -> Plan[str]:
        raise self.capabilities.unsupported(Feature.FILE_SETS)

    def add_file_set(self, commit: Commit, id: str) -> Call[None]:
        raise self.capabilities.unsupported(Feature.FILE_SETS)

    def renew_file_set(self, id: str, seconds: int) -> Call[None]:
        raise self.capabilities.unsupported(Feature.FILE_SETS)

    def compose_file_set(self, ids: Sequence[str], seconds: int, *, compact: bool) -> Call[str]:
        raise self.capabilities.unsupported(Feature.FILE_SETS)

    def shard_file_set(self, id: str, files: int, size: int) -> Call[list[PathRange]]:
        """Cut a file set.

        :param files: 0 leaves it to the server.
        :param size: likewise.
        """
        raise self.capabilities.unsupported(Feature.FILE_SETS)
