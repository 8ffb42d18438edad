"""Pachyderm 1.4 to 1.6: a branch is nothing but the name of a commit, and set by SetBranch.

What these servers do not know is left out of the messages, as they would take it for something else.
"""

from __future__ import annotations

import re

from airflow_provider_pachyderm._wire.v1 import methods
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Listing
from airflow_provider_pachyderm.client._dialects.v1b import DialectV1B
from airflow_provider_pachyderm.client._models import (
    Commit,
    FileInfo,
    FilePair,
)

Pfs = methods.Pfs
_MORE_THAN_FNMATCH = re.compile(r"\{|\*\*|\[!")


class DialectV1A(DialectV1B):
    """``pfs.API`` before 1.7."""

    def glob_file(self, commit: Commit, pattern: str) -> Listing[FileInfo]:
        if _MORE_THAN_FNMATCH.search(pattern):
            self.capabilities.require(Feature.GLOB_BRACES)
        return super().glob_file(commit, pattern)

    def diff_file(
        self, new: Commit, new_path: str, old: Commit | None, old_path: str, *, shallow: bool
    ) -> Listing[FilePair]:
        if shallow:
            self.capabilities.require(Feature.DIFF_SHALLOW)
        return super().diff_file(new, new_path, old, old_path, shallow=shallow)
