"""Counts, sizes and times, as lines of a log have them."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_MINUTE, _HOUR = 60, 60 * 60


def files_text(files: int, size_bytes: int) -> str:
    """Say how many files there are, and how big they are together: ``3 files (12.4 MiB)``."""
    return f"{count_text(files, 'file')} ({size_text(size_bytes)})"


def count_text(count: int, noun: str) -> str:
    """Say how many there are: ``1 file``, ``3,000 files``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def size_text(size_bytes: int) -> str:
    """Say how big something is: ``5 B``, ``12.4 MiB``."""
    size, unit = float(size_bytes), 0
    while round(size, 1) >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {_UNITS[unit]}" if unit else f"{size_bytes} B"


def seconds_text(seconds: float) -> str:
    """Say how long something took: ``0.02 s``, ``2.3 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if round(seconds, 1) < _MINUTE:
        return f"{seconds:.{1 if seconds >= 1 else 2}f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
