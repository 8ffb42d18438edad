"""Paths of files: how the servers clean them, and which ones they refuse to write.

Reading is lenient in every version: a path is cleaned and looked up. Writing validates first; what is refused and
in which words differs, see :class:`PathRules` and the rows below it.
"""

from __future__ import annotations

import posixpath
import re
from contextvars import ContextVar
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.errors import EngineError

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


@dataclass(frozen=True)
class PathRules:
    """What a version checks before it writes to a path.

    :param cleans_first: cleans the path and checks (and names in errors) the result, in which the root is empty;
        otherwise the path is checked as it was given.
    :param refuses_above_root: a relative path that leads out of the root is refused, else it is cut at the root.
    :param refuses_relative: segments ``.`` and ``..`` are refused.
    :param printable_only: only printable ASCII, at least one character.
    :param glob_characters: characters that may not appear, as a set.
    :param refuses_null: the null character is refused.
    :param loses_above_root: what is put to a relative path that leads out of the root is lost.
    :param accepts_root: nothing but the root is no error yet; finishing the commit will be.
    """

    cleans_first: bool
    refuses_above_root: bool = False
    refuses_relative: bool = False
    printable_only: bool = True
    glob_characters: str = "*?[]{}!()@+^"
    refuses_null: bool = False
    accepts_root: bool = False
    loses_above_root: bool = False

    def validate(self, path: str) -> str:
        """Check a path that is to be written.

        :param path: as the caller gave it.
        :returns: its cleaned form; ``"/"`` only where a version accepts the root.
        :raises BadPath: with the server's words.
        """
        if ANY_NAME.get():
            return clean(path)
        if self.refuses_above_root and posixpath.normpath(path).startswith("../"):
            raise BadPath(f"path ({path}) invalid: traverses above root")
        checked = clean(path).rstrip("/") if self.cleans_first else path
        self._check(checked)
        return clean(path)

    def loses(self, path: str) -> bool:
        """Whether what is put to a path is nowhere."""
        return self.loses_above_root and f"{posixpath.normpath(path)}/".startswith("../")

    def _check(self, path: str) -> None:
        if self.refuses_null and "\0" in path:
            raise BadPath(f"filename cannot contain null character: {path}")
        if self.accepts_root and not path:
            return
        if self.printable_only and not _PRINTABLE.match(path):
            raise BadPath(f"path ({path}) invalid: only printable ASCII characters allowed")
        for character in path:
            if character in self.glob_characters:
                raise BadPath(f"path ({path}) invalid: globbing character ({character}) not allowed in path")
        if self.refuses_relative and not {".", ".."}.isdisjoint(path.split("/")):
            raise BadPath(f"path ({path}) invalid: relative file paths are not allowed")


V1_4 = PathRules(cleans_first=False, printable_only=False, glob_characters="", refuses_null=True, loses_above_root=True)
"""1.4.0 to 1.6.7."""

V1_6_8 = PathRules(cleans_first=False, glob_characters="", accepts_root=True, loses_above_root=True)
"""1.6.8 to 1.6.10."""

V1_7 = PathRules(cleans_first=True, glob_characters="")
"""1.7.0 and 1.7.1."""

V1_7_2 = PathRules(cleans_first=True, glob_characters="*?[]{}!")
"""1.7.2 to 1.8."""

V1_9 = PathRules(cleans_first=True, refuses_above_root=True)
"""1.9 to 1.13."""

V2 = PathRules(cleans_first=False, refuses_relative=True)
"""2.x."""
