"""Writing to servers that take one file in a stream, and into an open commit only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Plan
from airflow_provider_pachyderm.client._dialects.uploads import Fetch, Split, UploadV1
from airflow_provider_pachyderm.client._models import Branch, Commit
from airflow_provider_pachyderm.client._refs import is_expression

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client._dialects.v1b import DialectV1B


class StepwiseUpload(UploadV1):
    """PutFile to an open commit, one file a stream; for a branch, with the commit around it."""

    together = False

    def __init__(
        self, dialect: DialectV1B, target: Commit, *, append: bool, split: Split | None, index: int = 0
    ) -> None:
        self._overwrites = not append
        in_place = self._overwrites and Feature.OVERWRITE in dialect.capabilities
        super().__init__(target, dialect._commit(target), append=not in_place, split=split, index=index)
        self._dialect = dialect
        self.target = target
        self._started: Commit | None = None

    def begin(self) -> Plan[None]:
        """Find or start the commit to write to."""
        if not is_branch(self.target):
            return
        branch = Branch(self.target.repo, self.target.branch or "")
        commit = yield from self._dialect.open_head(self.target)
        if commit is None:
            commit = self._started = yield self._dialect.start_commit(branch, None, None)
        self.about = self.target = commit
        self._commit = self._dialect._commit(commit)

    def before(self, path: str) -> Plan[None]:
        """Delete what the next stream overwrites, where it cannot do so itself."""
        if self._overwrites:
            yield from self._dialect.make_room(self.target, path)

    def url(self, path: str, wanted: Fetch) -> Iterator[bytes]:
        """Give the messages that make the server fetch a file itself."""
        if wanted.recursive and self._overwrites:
            self._dialect.capabilities.require(Feature.OVERWRITE)
        yield from super().url(path, wanted)

    def end(self) -> Plan[None]:
        """Finish the commit, if it was started for this."""
        if self._started:
            yield from self._dialect.finish_commit(self._started, None, None, wait=False)

    def abandon(self) -> Plan[None]:
        """Drop the commit, if it was started for this."""
        if self._started:
            yield from self._dialect.drop_commit(self._started)


def is_branch(commit: Commit) -> bool:
    """Whether a commit is named by its branch alone, so that a write may be a commit of its own."""
    return commit.id is None and not is_expression(commit.branch or "")
