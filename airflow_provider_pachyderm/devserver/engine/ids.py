"""Ids of commits, file sets and transactions: random ones, or those of a seed for tests."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable

Ids = Callable[[], str]
"""Gives a fresh UUIDv4 without dashes."""


def random_id() -> str:
    """Give an id that nobody can know beforehand."""
    return uuid.uuid4().hex


def seeded_ids(seed: str) -> Ids:
    """Give the same ids in the same order for the same seed."""
    source = random.Random(seed)
    return lambda: uuid.UUID(int=source.getrandbits(128), version=4).hex
