"""Durations as specs write them: in seconds (``90s``), or as Go does (``1h30m``), which pachctl takes up to 2.6."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_WHOLE = re.compile(rf"([+-]?)((?:{_PART.pattern})+)")


def canonical(text: str) -> str:
    """Write a duration in seconds, as all releases read it back: ``1h30m`` is ``5400s``.

    :raises ValueError: if it is none.
    """
    found = _WHOLE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    nanoseconds = sum(Decimal(number) * _NANOSECONDS[unit] for number, unit in _PART.findall(found[2]))
    seconds = Decimal(int(nanoseconds)) / 10**9
    sign = "-" if found[1] == "-" and seconds else ""
    whole = f"{seconds:f}"
    return f"{sign}{whole.rstrip('0').rstrip('.') if '.' in whole else whole}s"


def of(value: timedelta) -> str:
    """Write a timedelta."""
    return canonical(f"{Decimal(value // timedelta(microseconds=1)) / 10**6:f}s")
