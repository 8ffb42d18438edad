"""Looking at the files of a commit: what both worlds share, and how 1.x does it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from itertools import groupby

from airflow_provider_pachyderm.devserver.engine.core import Core
from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.files import globs
from airflow_provider_pachyderm.devserver.engine.files.paths import clean
from airflow_provider_pachyderm.devserver.engine.files.rules import FILE_NOT_FOUND
from airflow_provider_pachyderm.devserver.engine.model import CommitKey, File, FileInfo
from airflow_provider_pachyderm.devserver.engine.snapshots.trees import Index, Node
from airflow_provider_pachyderm.devserver.engine.store.blobs import Blob


class View(ABC):
    """The files of one commit.

    :param commit: its name.
    :param finished: when it was finished.
    :param named: the commit id to show in errors.
    """

    def __init__(self, core: Core, commit: CommitKey, finished: int | None, named: str) -> None:
        self._core = core
        self.commit = commit
        self._finished = finished
        self._named = named

    def info(self, node: Node) -> FileInfo:
        """What is told about a node."""
        files = (node.file,) if node.file is not None else ()
        return FileInfo(self.commit, node.path, node.is_dir, node.size, node.hash, self._finished, node.datum, files)

    def missing(self, path: str) -> EngineError:
        """The refusal for a path that is not there."""
        return self._core.refusal(FILE_NOT_FOUND, path=path, repo=self.commit.repo, id=self._named)

    @abstractmethod
    def glob(self, pattern: str) -> Iterator[FileInfo]:
        """All paths that match a pattern, in order."""

    @abstractmethod
    def walk(self, path: str) -> Iterator[FileInfo]:
        """A path and all below it, in order."""

    @abstractmethod
    def below(self, path: str) -> Iterator[FileInfo]:
        """All files below a path, or the file itself, in order."""

    def content(self, infos: Iterable[FileInfo]) -> list[Blob]:
        """What found files consist of, in order; what files of a directory share comes once around them."""
        told = (info for info in infos if not info.is_dir)
        groups = groupby(told, key=lambda info: info.path.rpartition("/")[0])
        return [blob for _, group in groups for blob in _joined([file for info in group for file in info.files])]


class TreeView(View):
    """The files of one commit of 1.x."""

    def __init__(self, core: Core, index: Index, commit: CommitKey, finished: int | None, named: str) -> None:
        super().__init__(core, commit, finished, named)
        self.index = index

    def inspect(self, path: str) -> FileInfo:
        """InspectFile: the root, a directory or a file, with or without a trailing slash."""
        found = self.find(path)
        if not found:
            raise self.missing(path)
        return found[0]

    def find(self, path: str) -> list[FileInfo]:
        """What is at a path: nothing, a directory or a file."""
        return [self.info(node) for node in self.index.nodes.get(clean(path), ())]

    def entries(self, path: str) -> Iterator[FileInfo]:
        """What is directly in a directory, or the file itself; nothing for a path that is not there."""
        cleaned = clean(path)
        nodes = self.index.nodes.get(cleaned, ())
        return map(self.info, nodes if nodes and not nodes[-1].is_dir else self.index.below(cleaned))

    def walk(self, path: str) -> Iterator[FileInfo]:
        """A path and all below it, in order."""
        return map(self.info, self.index.walk(clean(path)))

    def below(self, path: str) -> Iterator[FileInfo]:
        """All files below a path, or the file itself, in order."""
        return (info for info in self.walk(path) if not info.is_dir)

    def glob(self, pattern: str) -> Iterator[FileInfo]:
        """All paths that match a pattern, in order."""
        profile = self._core.profile
        if globs.names_one(pattern, profile):
            return map(self.info, self.index.at(clean(pattern)))
        matches = globs.matcher(pattern, profile)
        nodes = self.index.starting(globs.literal_start(pattern, profile))
        return (self.info(node) for node in nodes if matches(node.path))


def _joined(files: list[File]) -> Iterator[Blob]:
    """The content of files of one directory: if the first one has a shared header or footer, all do."""
    shared = files[0].shared
    yield from filter(None, (shared.header, *(piece for file in files for piece in file.pieces), shared.footer))
