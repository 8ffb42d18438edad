"""What may be done to the files of a commit in one go: plain values, in the order in which they are to happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from airflow_provider_pachyderm.client._local.filters import Filter
from airflow_provider_pachyderm.client._local.names import BadNames
from airflow_provider_pachyderm.client._models import Commit, FileInfo


@dataclass(frozen=True, slots=True)
class Put:
    """Write a file.

    :param source: what it holds, as the client takes it; a path is one of a local file.
    """

    path: str
    source: Any
    append: bool = False


@dataclass(frozen=True, slots=True)
class PutFiles:
    """Write all files below a local directory."""

    directory: Path
    path: str
    append: bool = False
    wanted: Filter | None = None
    follow_links: bool = False
    bad_names: BadNames = "refuse"


@dataclass(frozen=True, slots=True)
class PutUrl:
    """Make the server fetch a file, or with ``recursive`` all objects whose names begin so."""

    path: str
    url: str = field(repr=False)  # it may be signed
    recursive: bool = False
    append: bool = False
    concurrency: int = 0


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a file, or a directory with all below it."""

    path: str


@dataclass(frozen=True, slots=True)
class Copy:
    """Copy a file or directory from any commit.

    :param known: what the server said of it, with the id of its commit.
    """

    source: Commit
    source_path: str
    path: str
    append: bool = False
    known: FileInfo | None = None


Change: TypeAlias = "Put | PutUrl | Delete | Copy"
