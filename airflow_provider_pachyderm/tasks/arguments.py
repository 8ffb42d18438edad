"""Arguments that are refused before anything connects: what a task is pointed at, and words out of a list."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_pachyderm.client import _paths, parse_commit, parse_repo


def check_target(repo: str | None, branch: str | None, commit: str | None) -> None:
    """Refuse what contradicts itself, before anything connects.

    A repo beside a commit is fine if it is the commit's, as a DAG may give the repo to all tasks.

    :raises ValueError: with what was given
    """
    if not commit:
        if not repo:
            raise ValueError("Give the repo, or a commit")
        return
    if branch:
        raise ValueError(f"Give commit or branch, not both: {commit!r} and {branch!r}")
    if repo and parse_commit(commit).repo.name != parse_repo(repo).name:
        raise ValueError(f"The commit {commit!r} is not of repo {repo!r}")


def check_choice(name: str, value: str, choices: Sequence[str]) -> None:
    """Refuse a word that an argument does not know, when the DAG is parsed.

    :raises ValueError: with the words that it knows
    """
    if value not in choices:
        known = ", ".join(f'"{choice}"' for choice in choices)
        raise ValueError(f"{name} is one of {known}, not {value!r}")


def check_file_path(path: str) -> None:
    """Refuse a path that no file in Pachyderm can have.

    :raises InvalidRequest: with what is wrong with it
    """
    _paths.for_writing(path)


def check_path(path: str) -> None:
    """Refuse a path that neither a file nor a directory in Pachyderm can have, as ``check_file_path`` does."""
    if _paths.normalise(path) != "/":
        _paths.for_writing(path)
