"""Writing to servers that take one file in a stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.client._dialects.calls import Plan
from airflow_provider_pachyderm.client._dialects.uploads import Fetch, Split, Upload, UploadV1
from airflow_provider_pachyderm.client._models import Commit

if TYPE_CHECKING:
    from airflow_provider_pachyderm.client._dialects.v1b import DialectV1B


class StepwiseUpload(UploadV1):
    """PutFile, one file a stream; what it overwrites is deleted before where servers cannot do so themselves."""

    together = False

    def __init__(
        self, dialect: DialectV1B, target: Commit, *, append: bool, split: Split | None, index: int = 0
    ) -> None:
        self._overwrites = not append
        in_place = self._overwrites and Feature.OVERWRITE in dialect.capabilities
        self._index = index
        super().__init__(target, dialect.names.commit(target), append=not in_place, split=split, index=index)
        self._dialect = dialect
        self._target = target

    def again(self) -> Upload | None:
        return self if self._overwrites and not self._split and not self._index else None

    def before(self, path: str) -> Plan[None]:
        """Delete what the next stream overwrites, where it cannot do so itself."""
        if self._overwrites:
            yield from self._dialect.make_room(self._target, path)

    def url(self, path: str, wanted: Fetch) -> Iterator[bytes]:
        """Give the messages that make the server fetch a file itself."""
        if wanted.recursive and self._overwrites:
            self._dialect.capabilities.require(Feature.OVERWRITE)
        yield from super().url(path, wanted)
