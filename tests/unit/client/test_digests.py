"""Hashes that servers state of files, as real ones stated them (recordings of 1.7.14 and 2.11.6)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from airflow_provider_pachyderm.client._capabilities import World
from airflow_provider_pachyderm.client._local.digests import ContentDigest, Objects, is_same

NEW_SHA512 = hashlib.sha512(b"new").hexdigest()
NEW_1X = bytes.fromhex("0127ea1b461ee17ac2a57ca7fb237c58da927cf1c9b290c53b3df016fcdbd8f7")
ONE_2X = bytes.fromhex("a7696d4c9850c1a1500f2e4576bd910aa22ea75d72f510d3a37b8d6102722abc")
EMPTY_2X = bytes.fromhex("0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8")


@pytest.mark.parametrize(
    ("content", "size", "stated", "world", "same"),
    [
        (b"new", 3, NEW_1X, World.V1, True),
        (b"old", 3, NEW_1X, World.V1, None),
        (b"newer", 3, NEW_1X, World.V1, False),
        (b"one", 3, ONE_2X, World.V2, True),
        (b"two", 3, ONE_2X, World.V2, None),
        (b"", 0, EMPTY_2X, World.V2, True),
        (b"new", 3, b"", World.V2, None),
    ],
)
def test_the_same_content(
    tmp_path: Path, content: bytes, size: int, stated: bytes, world: World, same: bool | None
) -> None:
    (tmp_path / "f").write_bytes(content)
    assert is_same(tmp_path / "f", size, stated, world) is same


@pytest.mark.parametrize(("content", "fits"), [(b"new", True), (b"old", False), (b"", False)])
def test_the_digest_of_content_that_comes_in_pieces(content: bytes, fits: bool) -> None:
    digest = ContentDigest()
    for number in range(len(content)):
        digest.feed(content[number : number + 1])
    assert digest.fits(NEW_1X) is fits


@pytest.mark.parametrize(
    ("hash", "names", "one"),
    [
        (NEW_1X, [NEW_SHA512], True),
        # where the objects of several puts begin is not told, and what a pipeline wrote has none
        (NEW_1X, [NEW_SHA512, NEW_SHA512], False),
        (NEW_1X, [], False),
        # whatever else counts in the hash is in the content, too
        (ONE_2X, [NEW_SHA512], False),
    ],
)
def test_whether_a_file_is_one_object(hash: bytes, names: list[str], one: bool) -> None:
    assert Objects(hash, names).one is one
