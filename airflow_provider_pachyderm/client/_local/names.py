"""Names of local files and archive members as names in PFS, which stores fewer: only printable ASCII without patterns.

A name that cannot be stored is refused, left out, or *quoted*: each byte that PFS does not take becomes ``%`` and two
hexadecimal digits, and so does a ``%`` that could be taken for the start of such. So no two names become one, and
:func:`unquote_path` gives each back.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias, TypeVar, get_args

from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._errors import InvalidRequest, UnstorableNames

T = TypeVar("T")
BadNames: TypeAlias = Literal["refuse", "skip", "quote"]
"""What becomes of names that PFS cannot store."""

_SHOWN = 20

_logger = logging.getLogger(__name__)
_TO_QUOTE = re.compile(rf"[^ -~]|[{re.escape(''.join(sorted(_paths.GLOB_CHARACTERS)))}]|%(?=[0-9A-Fa-f]{{2}})")
_QUOTED = re.compile(rb"%([0-9A-Fa-f]{2})")


def check_bad_names(bad_names: str) -> None:
    """Refuse what is none of the choices."""
    if bad_names not in get_args(BadNames):
        raise InvalidRequest(f"bad_names must be 'refuse', 'skip' or 'quote', not {bad_names!r}")


def quote_path(path: str) -> str:
    """Write a path, or a name, in characters that PFS stores; :func:`unquote_path` is the inverse.

    :param path: a str; bytes that are not UTF-8 are in it as in Python's names of local files.
    :raises InvalidRequest: if it cannot be encoded.
    """
    try:
        return _TO_QUOTE.sub(_quoted, path)
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"{path!r} cannot be encoded as UTF-8: {error.reason}") from error


def _quoted(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogateescape"))


def unquote_path(path: str) -> str:
    """Undo :func:`quote_path`.

    :raises InvalidRequest: if it cannot be encoded.
    """
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"{path!r} cannot be encoded as UTF-8: {error.reason}") from error
    return _QUOTED.sub(lambda found: bytes.fromhex(found[1].decode()), data).decode("utf-8", "surrogateescape")


def storable(files: Iterable[tuple[str, T]], target: str, bad_names: BadNames = "refuse") -> list[tuple[str, T]]:
    """Give each file its path in PFS.

    :param files: names relative to ``target``, with ``/`` between segments, each with anything.
    :param target: normalised directory in PFS.
    :param bad_names: what becomes of those that cannot be stored.
    :raises UnstorableNames: if there are such, with all of them, and they are to be refused.
    """
    check_bad_names(bad_names)
    placed: list[tuple[str, T]] = []
    bad: list[str] = []
    for name, item in files:
        path = place(name, target, bad_names)
        if path is None:
            bad.append(name)
        else:
            placed.append((path, item))
    if bad and bad_names == "refuse":
        raise unstorable(bad)
    say_skipped(bad)
    return placed


def place(name: str, target: str, bad_names: BadNames) -> str | None:
    """Give the path of one file in PFS; None if its name cannot be stored and is not to be quoted.

    :raises InvalidRequest: for a name that is none: empty, or with a segment ``..``.
    """
    wanted = quote_path(name) if bad_names == "quote" else name
    path = _paths.normalise(_paths.join(target, wanted))
    if path == target:
        raise InvalidRequest(f"{name!r} does not name a file")
    return None if _paths.unstorable(path) else path


def unstorable(names: Sequence[str]) -> UnstorableNames:
    """Make the error for names that cannot be stored."""
    return UnstorableNames(
        f"PFS cannot store {listed(names)}: it takes only printable ASCII without *?[]{{}}()!@+^ in names. Rename "
        "them, or give bad_names='skip' to leave them out or bad_names='quote' to write them with percent signs",
        names=tuple(names),
    )


def say_skipped(names: Sequence[str]) -> None:
    """Log what is left out for its name."""
    if names:
        _logger.warning("Skipped, as PFS cannot store their names: %s", listed(names))


def listed(names: Sequence[str]) -> str:
    """Name some, and say how many there are."""
    shown = ", ".join(repr(name) for name in names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
