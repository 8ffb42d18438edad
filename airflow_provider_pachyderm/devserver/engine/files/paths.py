"""Paths of files: how the servers clean them, and which ones they refuse to write.

Reading is lenient in every version: a path is cleaned and looked up. Writing validates first; what is refused and
in which words differs between releases.
"""

from __future__ import annotations

import posixpath
import re
from contextvars import ContextVar

from airflow_provider_pachyderm.devserver.engine.errors import EngineError
from airflow_provider_pachyderm.devserver.engine.files.path_rules import (
    ABOVE_ROOT_LOST,
    ABOVE_ROOT_REFUSED,
    FORBIDDEN_CHARACTERS,
    NULL_REFUSED,
    PATHS_CLEANED_FIRST,
    PRINTABLE_ONLY,
    RELATIVE_REFUSED,
    ROOT_ACCEPTED,
)
from airflow_provider_pachyderm.devserver.releases.profile import Profile

ANY_NAME: ContextVar[bool] = ContextVar("any_name", default=False)
"""Whether what is written now may have any name, as pipelines write them past the checks of puts."""

_PRINTABLE = re.compile(r"[ -~]+\Z")


class BadPath(EngineError):
    """A path that cannot be written; its text is what the server says."""

    def __init__(self, text: str) -> None:
        super().__init__("UNKNOWN", text)


def clean(path: str) -> str:
    """The absolute form of a path: ``"/"`` for the root, else ``/a/b`` without dots or a trailing slash."""
    return posixpath.normpath("/" + path.lstrip("/"))


def validate(path: str, profile: Profile) -> str:
    """Check a path that is to be written.

    :param path: as the caller gave it.
    :returns: its cleaned form; ``"/"`` only where a release accepts the root.
    :raises BadPath: with the server's words.
    """
    if ANY_NAME.get():
        return clean(path)
    if profile[ABOVE_ROOT_REFUSED] and posixpath.normpath(path).startswith("../"):
        raise BadPath(f"path ({path}) invalid: traverses above root")
    _check(clean(path).rstrip("/") if profile[PATHS_CLEANED_FIRST] else path, profile)
    return clean(path)


def is_lost(path: str, profile: Profile) -> bool:
    """Whether what is put to a path is nowhere."""
    return profile[ABOVE_ROOT_LOST] and f"{posixpath.normpath(path)}/".startswith("../")


def _check(path: str, profile: Profile) -> None:
    if profile[NULL_REFUSED] and "\0" in path:
        raise BadPath(f"filename cannot contain null character: {path}")
    if profile[ROOT_ACCEPTED] and not path:
        return
    if profile[PRINTABLE_ONLY] and not _PRINTABLE.match(path):
        raise BadPath(f"path ({path}) invalid: only printable ASCII characters allowed")
    forbidden = profile[FORBIDDEN_CHARACTERS]
    for character in path:
        if character in forbidden:
            raise BadPath(f"path ({path}) invalid: globbing character ({character}) not allowed in path")
    if profile[RELATIVE_REFUSED] and not {".", ".."}.isdisjoint(path.split("/")):
        raise BadPath(f"path ({path}) invalid: relative file paths are not allowed")
