"""Which names are names, which ids are ids, and the ancestry suffixes of commit references."""

from __future__ import annotations

import re
from dataclasses import dataclass

from airflow_provider_pachyderm.devserver.engine.texts import refused

_NAME = re.compile(r"[a-zA-Z0-9_-]+\Z")
_UUID4 = re.compile(r"[0-9a-f]{12}4[0-9a-f]{19}\Z")
_ID_LENGTH = 32


def check_name(name: str, what: str = "name") -> None:
    """Refuse names of repos, branches and projects that no version allows.

    :param what: how the refusal begins.
    """
    if not _NAME.match(name):
        text = f"{what} ({name}) invalid: only alphanumeric characters, underscores, and dashes are allowed"
        raise refused(text)


@dataclass(frozen=True)
class BranchNames:
    """What a version allows as the name of a branch.

    :param plain: only letters, digits, underscores and dashes.
    :param no_ids: nothing that looks like a commit id.
    :param long: nothing as long as a commit id, be it one or not.
    """

    plain: bool = True
    no_ids: bool = True
    long: bool = True

    def check(self, name: str) -> None:
        """Refuse what cannot be a branch."""
        if self.plain:
            check_name(name)
        if self.no_ids and is_commit_id(name):
            raise refused("branch name cannot be a UUID V4")
        if not self.long and len(name) == _ID_LENGTH:
            raise refused("branch name cannot be of the same length as commit IDs")


def is_commit_id(text: str) -> bool:
    """Whether a reference is a commit id (a UUIDv4 without dashes); anything else is a branch name."""
    return bool(_UUID4.match(text))


def split_ancestry(reference: str, marks: str, strict: bool) -> tuple[str, int, int]:
    """Take an ancestry suffix off: ``^``, ``^^``, ``^2`` and ``~2`` count back, ``.2`` counts from the first commit.

    :param marks: those of ``^~.`` that the version knows.
    :param strict: refuse what is no suffix, else take it for a part of the name.
    :returns: what is before the suffix, steps back, and number from the first commit (0: not asked for).
    """
    found = re.search(f"[{re.escape(marks)}]", reference) if marks else None
    if found is None:
        return reference, 0, 0
    base, kind, rest = reference[: found.start()], found[0], reference[found.start() :]
    if len(rest) > 1 and rest[1:].isdecimal():
        count = int(rest[1:])
        return (base, 0, count) if kind == "." else (base, count, 0)
    for character in rest:
        if character != kind and not strict:
            return reference, 0, 0
        if character != kind:
            text = f'invalid ancestry syntax "{reference}", cannot mix {kind} and {character} characters'
            raise refused(text)
    return (base, 0, len(rest)) if kind == "." else (base, len(rest), 0)
