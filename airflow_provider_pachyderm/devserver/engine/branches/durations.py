"""Durations as Go writes them: ``1h30m``, ``1.5h``, ``500ms``."""

from __future__ import annotations

import re

_MICROSECOND = 1000
_SECOND = 1_000_000_000
_UNITS = {
    "ns": 1, "us": _MICROSECOND, "µs": _MICROSECOND, "μs": _MICROSECOND, "ms": 1000 * _MICROSECOND,
    "s": _SECOND, "m": 60 * _SECOND, "h": 3600 * _SECOND,
}  # fmt: skip
_PART = re.compile(r"(?P<whole>[0-9]*)(?:\.(?P<parts>[0-9]*))?(?P<unit>[^0-9.]*)")
_DIGITS = 19
"""Of the largest int64. Further ones are too many before the point, and tell nothing behind it."""
_STEPS = 10_000_000_000_000_000_000
"""As many as so many digits behind the point tell apart."""


class BadDuration(ValueError):
    """Not a duration; in the words of Go's library."""


def nanoseconds(text: str) -> int:
    """Read a duration.

    :return: nanoseconds; what an int64 holds of them, 292 years, is the longest there is.
    :raises BadDuration: if it is none.
    """
    rest = text[1:] if text[:1] in ("+", "-") else text
    if rest == "0":
        return 0
    parts = [part for part in _PART.finditer(rest) if part[0]]
    total = sum(_read(part, text) for part in parts)
    if not parts or total >= 2**63:
        raise _invalid(text)
    return -total if text[0] == "-" else total


def _read(part: re.Match[str], text: str) -> int:
    whole, parts = part["whole"].lstrip("0"), part["parts"] or ""
    if not (part["whole"] or parts) or len(whole) > _DIGITS:
        raise _invalid(text)
    if not part["unit"]:
        raise BadDuration(f'time: missing unit in duration "{text}"')
    if part["unit"] not in _UNITS:
        raise BadDuration(f'time: unknown unit "{part["unit"]}" in duration "{text}"')
    return int(whole + parts[:_DIGITS].ljust(_DIGITS, "0")) * _UNITS[part["unit"]] // _STEPS


def _invalid(text: str) -> BadDuration:
    return BadDuration(f'time: invalid duration "{text}"')
