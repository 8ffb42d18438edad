"""Content of which every part can be told from every other."""

from __future__ import annotations

import sys
from array import array
from functools import cache


@cache
def numbered(count: int) -> bytes:
    """Give the numbers below ``count``, each in four bytes, the most significant first."""
    numbers = array("I", range(count))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers.tobytes()
