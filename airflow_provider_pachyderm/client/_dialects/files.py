"""Files: what dialects have in common of describing, listing and deleting them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container

from airflow_provider_pachyderm.client._capabilities import Capabilities
from airflow_provider_pachyderm.client._dialects.calls import Listing, Plan
from airflow_provider_pachyderm.client._errors import FileNotFound
from airflow_provider_pachyderm.client._listings import keep_in_range
from airflow_provider_pachyderm.client._models import Commit, FileInfo, PathRange


class Files(ABC):
    """The calls of one server version for files."""

    def __init__(self, capabilities: Capabilities) -> None:
        self.capabilities = capabilities

    @abstractmethod
    def inspect(self, commit: Commit, path: str) -> Plan[FileInfo]:
        """Describe a file or directory."""

    @abstractmethod
    def list(self, commit: Commit, path: str) -> Listing[FileInfo]:
        """List a directory; of a file: itself."""

    def list_after(self, commit: Commit, path: str, after: str) -> Listing[FileInfo]:
        """List a directory; what is not behind the path ``after`` may be left out: :attr:`Feature.LIST_AFTER`."""
        return self.list(commit, path)

    @abstractmethod
    def walk(self, commit: Commit, path: str) -> Listing[FileInfo]:
        """List a directory and all below it."""

    def walk_open(self, commit: Commit, path: str, first: FileInfo) -> Listing[FileInfo] | None:
        """Give what lists a directory of an open commit right, where a walk shows what only begins like it (D83).

        :param first: what the walk has shown first; it tells whether the commit is open.
        """
        return None

    @abstractmethod
    def glob(self, commit: Commit, pattern: str) -> Listing[FileInfo]:
        """Find files and directories by a pattern."""

    def glob_within(self, commit: Commit, pattern: str, within: PathRange) -> Listing[FileInfo]:
        """Find only what is in a range of paths."""
        return keep_in_range(self.glob(commit, pattern), within)

    @abstractmethod
    def delete(self, target: Commit, path: str, datum: str = "", *, fresh: bool) -> Plan[None]:
        """Delete a file or a directory in an open commit.

        :param fresh: nothing has been written there in this commit.
        """


class Everything(Container[str]):
    """Stands for all paths, where it cannot be told which there are."""

    def __contains__(self, path: object) -> bool:
        return True


def file_absent(commit: Commit, path: str) -> Callable[[], Exception] | None:
    """Make the error for an empty listing: only the root can be empty, or of 1.x what has a header without pieces."""
    if path == "/":
        return None
    return lambda: FileNotFound(f"{path} not found in {commit}", reference=f"{commit}:{path}")
