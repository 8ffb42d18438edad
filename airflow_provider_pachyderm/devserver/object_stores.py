"""Objects of ``s3://`` and ``gs://`` to put from, where the extra for them is installed.

Which store it is, and who asks it, the environment says in the variables that the stores' own tools read, such as
``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL`` or ``GOOGLE_APPLICATION_CREDENTIALS``.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from airflow_provider_pachyderm.devserver.engine.errors import EngineError, refused
from airflow_provider_pachyderm.devserver.object_store_rules import (
    MISSING_OBJECT,
    MISSING_OBJECT_STATUS,
    WRAPS_STORE_ERRORS,
)
from airflow_provider_pachyderm.devserver.releases.profile import Profile

SCHEMES = ("s3", "gs", "gcs")
EXTRA = "devserver-object-stores"

_CODE = re.compile(r"<Code>(NoSuchKey|NoSuchBucket)</Code>")
_S3_WORDS = {
    "NoSuchKey": "NoSuchKey: The specified key does not exist.",
    "NoSuchBucket": "NoSuchBucket: The specified bucket does not exist",
}
_S3_REQUEST = "\n\tstatus code: 404, request id: , host id: "
_GS_WORDS = {"NoSuchKey": "storage: object doesn't exist", "NoSuchBucket": "storage: bucket doesn't exist"}


@dataclass(frozen=True)
class Place:
    """An object, or all objects whose keys begin alike."""

    scheme: str
    bucket: str
    key: str

    @classmethod
    def of(cls, url: str) -> Place:
        """Read a URL as Go does: a question mark begins what is no part of the key."""
        parts = urlsplit(url)
        return cls("gs" if parts.scheme == "gcs" else parts.scheme, parts.netloc, unquote(parts.path).strip("/"))


class Store:
    """A bucket.

    :param silence: the longest that it may take to answer a request, in seconds.
    :raises EngineError: if the extra is not installed.
    """

    def __init__(self, place: Place, profile: Profile, silence: float) -> None:
        self._scheme = place.scheme
        self._bucket = place.bucket
        self._profile = profile
        with self._go_errors():
            self._store = _open(place.scheme, place.bucket, silence)

    async def objects(self, place: Place) -> list[Place]:
        """Find all whose keys begin as that of a place does: those of ``dir2/``, too, if it is ``dir``."""
        with self._go_errors():
            keys = await self._below(None) if not place.key else await self._beginning(place.key)
        return [replace(place, key=key) for key in sorted(keys)]

    async def _beginning(self, start: str) -> list[str]:
        there = await self._store.list_with_delimiter_async(posixpath.dirname(start))
        keys = [each["path"] for each in there["objects"] if each["path"].startswith(start)]
        for folder in there["common_prefixes"]:
            keys += await self._below(folder) if folder.startswith(start) else []
        return keys

    async def _below(self, folder: str | None) -> list[str]:
        return [each["path"] async for page in self._store.list(folder) for each in page]

    async def read(self, place: Place, chunk: int) -> AsyncGenerator[bytes, None]:
        """Give the content of an object in pieces.

        :param chunk: about how many bytes a piece.
        :raises EngineError: if it is not there, or the store does not answer, in the server's words.
        """
        with self._go_errors(place.key):
            content = (await self._store.get_async(place.key)).stream(min_chunk_size=chunk)
            async for piece in content:
                yield bytes(piece)

    @contextmanager
    def _go_errors(self, key: str = "") -> Iterator[None]:
        """Put what fails into the server's words."""
        try:
            yield
        except EngineError:
            raise
        except FileNotFoundError as error:
            raise self._missing(_code(error, "NoSuchKey"), key) from None
        except Exception as error:
            if code := _code(error):
                raise self._missing(code, key) from None
            text = str(error).partition("\n")[0]
            raise refused(self._wrapped("Unknown", text, key)) from None

    def _missing(self, code: str, key: str) -> EngineError:
        error = _GS_WORDS[code] if self._scheme == "gs" else _S3_WORDS[code] + _S3_REQUEST
        if code == "NoSuchBucket":
            return refused(self._wrapped("NotFound", error, key))
        blob = self._wrapped("NotFound", error, key)
        text = self._profile[MISSING_OBJECT].format(error=error, bucket=self._bucket, key=key, blob=blob)
        return EngineError(self._profile[MISSING_OBJECT_STATUS], text)

    def _wrapped(self, code: str, text: str, key: str) -> str:
        if not self._profile[WRAPS_STORE_ERRORS]:
            return text
        return f'blob (key "{key}") (code={code}): {text}' if key else f"blob (code={code}): {text}"


def _code(error: BaseException, otherwise: str = "") -> str:
    found = _CODE.search(str(error))
    return found[1] if found else otherwise


def _open(scheme: str, bucket: str, silence: float) -> Any:
    try:
        from obstore.store import GCSStore, S3Store  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        text = f'reading {scheme}:// needs more on this dev server: pip install "airflow-provider-pachyderm[{EXTRA}]"'
        raise refused(text) from None
    return (GCSStore if scheme == "gs" else S3Store)(
        bucket,
        client_options={"allow_http": True, "timeout": f"{silence:g}s"},
        retry_config={"max_retries": 1},
    )
