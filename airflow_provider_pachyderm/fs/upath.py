"""What universal_pathlib, on which Airflow 3.2 and later build their paths, makes of ``pfs://``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from upath.implementations.cloud import CloudPath

# Loads the class into fsspec's registry: without it there, universal_pathlib warns that it does not know how to take
# such paths apart.
from airflow_provider_pachyderm.fs import filesystem as filesystem

if TYPE_CHECKING:
    from typing_extensions import Self


class PachydermPath(CloudPath):
    """A path of object storage whose first part is a repo."""

    __slots__ = ()

    def iterdir(self) -> Iterator[Self]:
        """List a directory.

        :raises FileNotFoundError: there is nothing; universal_pathlib would say that it is no directory
        """
        self.fs.info(self.path)
        yield from super().iterdir()
