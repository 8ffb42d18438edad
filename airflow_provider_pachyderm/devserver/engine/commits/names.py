"""Which names are names, which ids are ids, and the ancestry suffixes of commit references."""

from __future__ import annotations

import re

from airflow_provider_pachyderm.devserver.engine.branches.rules import (
    BRANCH_NAMES_ARE_NO_IDS,
    BRANCH_NAMES_ARE_PLAIN,
    BRANCH_NAMES_MAY_BE_LONG,
)
from airflow_provider_pachyderm.devserver.engine.errors import refused
from airflow_provider_pachyderm.devserver.releases.profile import Profile

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


def check_branch_name(name: str, profile: Profile) -> None:
    """Refuse what cannot be the name of a branch."""
    if profile[BRANCH_NAMES_ARE_PLAIN]:
        check_name(name)
    if profile[BRANCH_NAMES_ARE_NO_IDS] and is_commit_id(name):
        raise refused("branch name cannot be a UUID V4")
    if not profile[BRANCH_NAMES_MAY_BE_LONG] and len(name) == _ID_LENGTH:
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
