"""Copying files: what dialects have in common of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

from airflow_provider_pachyderm.client._dialects.calls import Plan
from airflow_provider_pachyderm.client._dialects.commits import Commits
from airflow_provider_pachyderm.client._dialects.files import Files
from airflow_provider_pachyderm.client._errors import InvalidRequest
from airflow_provider_pachyderm.client._models import Commit, FileInfo, FileType
from airflow_provider_pachyderm.client._refs import is_expression


class Copies(ABC):
    """The calls of one server version that copy files."""

    def __init__(self, files: Files, commits: Commits) -> None:
        self.capabilities = files.capabilities
        self._source_files = files
        self._commits = commits

    def find(self, source: Commit, path: str) -> Plan[FileInfo]:
        """Find what is to be copied, in a commit named by its id. Most servers take a missing one for done."""
        if source.id is None or is_expression(source.id):
            source = yield from self._commits.with_id(source)
        found = yield from self._source_files.inspect(source, path)
        return replace(found, commit=source)

    @abstractmethod
    def copy(self, source: FileInfo, target: Commit, path: str, *, append: bool, fresh: bool) -> Plan[None]:
        """Copy a file or a directory to an open commit, in the place of what is there unless it is appended.

        :param fresh: nothing has been written there in this commit.
        """


def check_copy(source: FileInfo, path: str) -> None:
    """Refuse to copy a file to the root, which many servers take for done."""
    if source.type is FileType.FILE and path == "/":
        raise InvalidRequest(f"{source.path} is a file, but the path of its copy, '/', does not name a file")
