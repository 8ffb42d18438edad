from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.client.pachd import Pachd


@pytest.fixture
def pachd() -> Pachd:
    """A 2.x server, to be told what to do."""
    return Pachd()


@pytest.fixture
def address(pachd: Pachd) -> Iterator[str]:
    """Where ``pachd`` serves."""
    with pachd.running() as address:
        yield address
