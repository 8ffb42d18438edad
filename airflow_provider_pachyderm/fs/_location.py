"""Locations in Pachyderm as paths of object storage: ``repo/branch/path``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from airflow_provider_pachyderm.client import InvalidReference, parse_branch
from airflow_provider_pachyderm.client._refs import DEFAULT_PROJECT


@dataclass(frozen=True)
class Location:
    """A file, a directory, a branch, a repo or, if all is empty, the server.

    :param bucket: the repo, as ``repo`` or ``project.repo``
    :param ref: a branch, or the id of a commit
    :param path: absolute path of a file or directory; ``/`` is all that the commit has
    """

    bucket: str = ""
    ref: str = ""
    path: str = "/"

    @classmethod
    def parse(cls, text: str) -> Location:
        """Read a path such as ``images/master/raw/one.png``; ``//`` and ``./`` in it are skipped."""
        parts = parts_of(text)
        bucket, ref, *path = [*parts, "", ""][: max(2, len(parts))]
        return cls(bucket, ref, "/" + "/".join(path))

    @property
    def repo(self) -> str:
        """The repo, as the client takes it; a bare name is in the connection's project."""
        return self.bucket.replace(".", "/", 1)

    @property
    def commit(self) -> tuple[str, str]:
        """The commit, or the branch whose newest one is meant, as the client takes it."""
        return (self.repo, self.ref)

    @property
    def is_branch(self) -> bool:
        """Whether a branch is meant, whose newest commit changes."""
        try:
            parse_branch(self.commit)
        except InvalidReference:
            return False
        return True

    @property
    def is_file_path(self) -> bool:
        """Whether it is below a branch or commit, and not one itself."""
        return self.path != "/"

    def __str__(self) -> str:
        """Return the path, as fsspec has it."""
        return "/".join(part for part in (self.bucket, self.ref, self.path.strip("/")) if part)

    def at(self, path: str) -> Location:
        """Return another path of the same commit."""
        return Location(self.bucket, self.ref, path)

    def within(self, project: str | None) -> Location:
        """Return the canonical form of this location: without the project that a bare name is in."""
        outer, dot, name = self.bucket.partition(".")
        return replace(self, bucket=name) if dot and outer == (project or DEFAULT_PROJECT) else self

    def is_below(self, other: Location) -> bool:
        """Whether it is in a directory, at any depth."""
        return str(self).startswith(f"{other}/")


def parts_of(text: str) -> list[str]:
    """Split a path into its parts; repeated slashes are skipped."""
    return [part for part in text.split("/") if part not in ("", ".")]
