"""What a dialect is: it turns values into calls and replies into values. No channel, no await, no clock."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from airflow_provider_pachyderm.client._changes import Change
from airflow_provider_pachyderm.client._dialects.auth import Auth
from airflow_provider_pachyderm.client._dialects.branches import Branches
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan
from airflow_provider_pachyderm.client._dialects.changes import Changes
from airflow_provider_pachyderm.client._dialects.commit_removal import CommitRemoval
from airflow_provider_pachyderm.client._dialects.commit_search import CommitSearch
from airflow_provider_pachyderm.client._dialects.commit_sets import CommitSets
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.downloads import Download
from airflow_provider_pachyderm.client._dialects.file_system import FileSystem
from airflow_provider_pachyderm.client._dialects.projects import Projects
from airflow_provider_pachyderm.client._dialects.repos import Repos
from airflow_provider_pachyderm.client._dialects.roles import Roles
from airflow_provider_pachyderm.client._dialects.subscriptions import Subscriptions
from airflow_provider_pachyderm.client._dialects.transactions import Transactions
from airflow_provider_pachyderm.client._dialects.uploads import Split, Upload
from airflow_provider_pachyderm.client._errors import InvalidRequest, Unsupported
from airflow_provider_pachyderm.client._listings import keep_in_range
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FilePair, FileSetType, FileType, PathRange
from airflow_provider_pachyderm.client._refs import is_expression


class Dialect(ABC):
    """One protocol as one server version speaks it. Chosen once per client; everything is delegated to it."""

    branches: Branches
    repos: Repos
    projects: Projects
    file_system: FileSystem
    commits: Commits
    commit_sets: CommitSets
    commit_removal: CommitRemoval
    commit_search: CommitSearch
    subscriptions: Subscriptions
    transactions: Transactions
    auth: Auth
    roles: Roles

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    @abstractmethod
    def diff_file(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        """Compare two commits.

        :param old: the parent of ``new`` if None.
        """

    def _changes(self, commit: Commit, path: str) -> Listing[FilePair]:
        """List what a commit changed at a path, against its parent."""
        return self.diff_file(commit, path, None, path, shallow=False)

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
        """Prepare to write the file ``path``, or files below it, to an open commit.

        :param tree: whether ``path`` is a directory.
        :param split: how the server is to make many files of it, always behind those that are there.
        :param index: how many puts to the file to keep, where it overwrites.
        :param datum: what the file is a part of; none if empty.
        """

    def changes(self, commit: Commit, wanted: Sequence[Change]) -> Plan[Changes]:
        """Prepare to make changes in one stream, where servers take such: :attr:`Feature.MODIFY_FILE`."""
        raise Unsupported(self.capabilities.reason(Feature.MODIFY_FILE))

    def file_to_copy(self, source: Commit, path: str) -> Plan[FileInfo]:
        """Find what is to be copied, in a commit named by its id. Most servers take a missing one for done."""
        if source.id is None or is_expression(source.id):
            info = yield from self.commits.inspect(source)
            source = Commit(source.repo, info.commit.branch, info.commit.id)
        found: FileInfo = yield self.inspect_file(source, path)
        return replace(found, commit=source)

    @staticmethod
    def check_copy(source: FileInfo, path: str) -> None:
        """Refuse to copy a file to the root, which many servers take for done."""
        if source.type is FileType.FILE and path == "/":
            raise InvalidRequest(f"{source.path} is a file, and the path of its copy, '/', names no file")

    @abstractmethod
    def copy_file(self, source: FileInfo, target: Commit, path: str, *, append: bool, fresh: bool) -> Plan[None]:
        """Copy a file or a directory to an open commit, in the place of what is there unless it is appended.

        :param fresh: nothing has been written there in this commit.
        """

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
        return keep_in_range(self.glob_file(commit, pattern), within)

    @abstractmethod
    def delete_file(self, target: Commit, path: str, datum: str = "", *, fresh: bool) -> Plan[None]:
        """Delete a file or a directory in an open commit.

        :param fresh: nothing has been written there in this commit.
        """

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
