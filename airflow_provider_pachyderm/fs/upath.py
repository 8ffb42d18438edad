"""What universal_pathlib, on which Airflow 3.2 and later build their paths, makes of ``pfs://``."""

from __future__ import annotations

from upath.implementations.cloud import CloudPath

# Loads the class into fsspec's registry: without it there, universal_pathlib warns that it does not know how to take
# such paths apart.
from airflow_provider_pachyderm.fs import filesystem as filesystem


class PachydermPath(CloudPath):
    """A path of object storage whose first part is a repo."""

    __slots__ = ()
