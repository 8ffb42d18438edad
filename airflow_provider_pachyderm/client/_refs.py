"""Parses what users write for repos, branches and commits into the values of ``_models``.

Servers take a commit's name as ``^``, ``~`` and ``.`` expressions too (``master^2``, ``<id>~1``); these pass through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol, TypeAlias

from airflow_provider_pachyderm.client import _paths
from airflow_provider_pachyderm.client._auth_models import Cluster, Project
from airflow_provider_pachyderm.client._errors import InvalidReference
from airflow_provider_pachyderm.client._models import Branch, Commit, CommitInfo, CommitSetInfo, Repo


class HasCommit(Protocol):
    """What stands for a commit that it has."""

    @property
    def commit(self) -> Commit:
        """The commit."""


CommitLike: TypeAlias = "Commit | CommitInfo | Branch | str | Sequence[Repo | str] | HasCommit"
CommitSetLike: TypeAlias = "CommitLike | CommitSetInfo"
RepoLike: TypeAlias = "Repo | str"
BranchLike: TypeAlias = "Branch | str | Sequence[Repo | str]"
ResourceLike: TypeAlias = "RepoLike | Project | Cluster"

DEFAULT_PROJECT = "default"
FILE_SETS = "__filesets__"
_TYPES = frozenset({"user", "meta", "spec"})
_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_ID = re.compile(r"[0-9a-f]{32}")
_FILE_SET = re.compile(r"([0-9a-f]{32})(\.[0-9a-f]+)?")
_ANCESTRY = re.compile(r"(?P<base>[a-zA-Z0-9_-]+)(?:[\^~]\d*|\.\d+)*")
_VERSIONS = re.compile(r"(?P<base>[a-zA-Z0-9_-]+)(?:[\^~]\d*)+")
_ANCESTRY_MARKS = frozenset("^~.")
_FORMS = "('repo', 'branch'), 'repo/branch', 'repo@branch', 'repo@id', 'project/repo@branch=id' or a Commit"


def is_commit_id(text: str) -> bool:
    """Whether servers would call this an id and not the name of a branch: 32 hex digits."""
    return _ID.fullmatch(text) is not None


def check_name(kind: str, name: str) -> str:
    """Return the name of a repo, a branch or a project.

    :raises InvalidReference: if it is empty or servers would refuse it.
    """
    if not isinstance(name, str):
        raise InvalidReference(f"the name of a {kind} must be a str, not {type(name).__name__}")
    if not name:
        raise InvalidReference(f"the name of the {kind} is empty")
    if _NAME.fullmatch(name) is None:
        raise InvalidReference(f"{kind} {name!r}: only letters, digits, '_' and '-' are allowed")
    return name


def check_branch_name(name: str) -> str:
    """Return the name of a branch to write to."""
    if is_commit_id(check_name("branch", name)):
        raise InvalidReference(f"branch {name!r}: the name of a branch must not look like a commit ID")
    return name


def ancestry_base(kind: str, name: object) -> str:
    """Strip ancestry, as of ``name^2``, from the name of what has versions."""
    if not isinstance(name, str):
        raise InvalidReference(f"the name of a {kind} must be a str, not {type(name).__name__}")
    match = _VERSIONS.fullmatch(name)
    return match["base"] if match else name


def parse_repo(value: RepoLike, project: str | None = None) -> Repo:
    """Read a repo: ``repo``, ``project/repo``, either with ``.spec`` or ``.meta`` behind it, or a :class:`Repo`.

    :param project: project of a bare name.
    """
    if isinstance(value, Repo):
        repo = value
    elif isinstance(value, str):
        outer, slash, name = value.rpartition("/")
        repo = _typed(name, outer if slash else project)
    else:
        raise InvalidReference(f"a repo must be a str or a Repo, not {type(value).__name__}")
    check_name("repo", repo.name)
    check_name("type of a repo", repo.type)
    if repo.project is not None:
        check_name("project", repo.project)
    return repo


def parse_resource(value: ResourceLike, project: str | None = None) -> Repo | Project | Cluster:
    """Read what roles are bound to: a repo as :func:`parse_repo` does, a :class:`Project`, or :data:`CLUSTER`.

    :param project: project of a bare repo name.
    :raises InvalidReference: for anything else.
    """
    if isinstance(value, Project):
        check_name("project", value.name)
        return value
    return value if isinstance(value, Cluster) else parse_repo(value, project)


def _typed(name: str, project: str | None) -> Repo:
    """Read ``name.type``; a name itself has no dot."""
    bare, dot, type = name.rpartition(".")
    return Repo(bare, project, type) if dot and type in _TYPES else Repo(name, project)


def parse_commit(value: CommitLike, project: str | None = None) -> Commit:
    """Read a commit: ``(repo, branch or id)``, ``repo/branch``, ``repo/id``, ``[project/]repo@branch[=id]``,
    ``[project/]repo@id``, a :class:`Commit`, a :class:`Branch`, or what has a ``commit``, as :class:`CommitInfo` does.

    :param project: project of a bare repo name.
    :raises InvalidReference: for anything else.
    """  # noqa: D205
    if not isinstance(value, (Commit, Branch, str, tuple, list)):
        value = getattr(value, "commit", value)
    if isinstance(value, Commit):
        return _checked(value)
    if isinstance(value, Branch):
        return _checked(Commit(value.repo, value.name))
    if isinstance(value, str):
        return _from_text(value, project)
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise InvalidReference(
                f"a commit given as a {type(value).__name__} must have two items, the repo and a branch or ID, not "
                f"{value!r}"
            )
        return _with_ref(parse_repo(value[0], project), value[1])
    raise InvalidReference(f"a commit must be {_FORMS}, not {type(value).__name__}")


def parse_branch(value: BranchLike, project: str | None = None) -> Branch:
    """Read a branch: ``(repo, branch)``, ``repo/branch``, ``[project/]repo@branch`` or a :class:`Branch`.

    :param project: project of a bare repo name.
    :raises InvalidReference: for anything else.
    """
    commit = parse_commit(value, project)
    if commit.branch is None or commit.id is not None:
        raise InvalidReference(f"{value!r} names a commit, not a branch")
    return Branch(commit.repo, check_branch_name(commit.branch))


def parse_file(value: str, project: str | None = None) -> tuple[Commit, str]:
    """Read a path in a commit: ``[project/]repo@ref:/path``, or any other text for a commit before the colon.

    :param project: project of a bare repo name.
    :return: the commit and the absolute path. File functions take such a text as it is, ``client.get_file(text)``, or
        the two.
    :raises InvalidReference: for anything else.
    """
    if not isinstance(value, str):
        raise InvalidReference(f"a file reference must be a str, not {type(value).__name__}")
    commit, colon, path = value.partition(":")
    if not colon:
        raise InvalidReference(f"{value!r} does not name a path: write 'repo@branch:/path'")
    return parse_commit(commit, project), _paths.normalise(path)


def file_set_commit(file_set_id: str) -> Commit:
    """Return the commit by which the files of a file set can be read, copied and compared.

    :param file_set_id: ID as returned by the calls for file sets.
    :raises InvalidReference: for anything else.
    """
    # from 2.12 on, a hash of the content stands behind a dot
    return Commit(Repo(FILE_SETS), id=check_file_set_id(file_set_id).partition(".")[0])


def check_file_set_id(file_set_id: str) -> str:
    """Return the id of a file set."""
    if not isinstance(file_set_id, str):
        raise InvalidReference(f"the ID of a file set must be a str, not {type(file_set_id).__name__}")
    if _FILE_SET.fullmatch(file_set_id) is None:
        raise InvalidReference(f"{file_set_id!r} is not the ID of a file set, which has 32 hex digits")
    return file_set_id


def parse_commits(value: CommitLike | Iterable[CommitLike], project: str | None = None) -> list[Commit]:
    """Read one commit or several; ``("repo", "branch")`` is one.

    :raises InvalidReference: if there is none.
    """
    several = [parse_commit(value, project)] if _is_one(value) else [parse_commit(each, project) for each in value]  # type: ignore[arg-type, union-attr]
    if not several:
        raise InvalidReference("no commits are given")
    return several


def parse_commit_set(value: CommitSetLike, project: str | None = None) -> str:
    """Read the id of a commit set: the id itself, anything that names a commit with its id, or a set.

    :raises InvalidReference: for anything else.
    """
    if isinstance(value, CommitSetInfo):
        value = value.id
    if isinstance(value, str) and is_commit_id(value):
        return value
    id = parse_commit(value, project).id
    if id is None or is_expression(id):
        raise InvalidReference(f"{value!r} does not have the ID of a commit set, which is the ID of its commits")
    return id


def _is_one(value: object) -> bool:
    """Whether it is a commit itself; in a pair that is one, the second item is a bare name."""
    if isinstance(value, (tuple, list)):
        return len(value) == 2 and isinstance(value[1], str) and not any(mark in value[1] for mark in "@/")
    return not isinstance(value, Iterable) or isinstance(value, (str, bytes))


def _from_text(text: str, project: str | None) -> Commit:
    if "@" in text:
        repo_name, _, ref = text.partition("@")
        repo = parse_repo(repo_name, project)
        branch, equals, id = ref.partition("=")
        if not equals:
            return _with_ref(repo, ref)
        return _checked(Commit(repo, branch, id))
    repo_name, slash, ref = text.partition("/")
    if not slash:
        raise InvalidReference(f"{text!r} does not name a commit: write {_FORMS}")
    return _with_ref(parse_repo(repo_name, project), ref)


def _with_ref(repo: Repo, ref: object) -> Commit:
    if not isinstance(ref, str):
        raise InvalidReference(f"a branch or commit ID must be a str, not {type(ref).__name__}")
    return _checked(Commit(repo, id=ref) if is_commit_id(_base(ref)) else Commit(repo, branch=ref))


def _checked(commit: Commit) -> Commit:
    parse_repo(commit.repo)
    if commit.branch is None and commit.id is None:
        raise InvalidReference(f"{commit!r} has neither a branch nor an ID")
    if commit.branch is not None:
        _base(commit.branch)
    if commit.id is not None and not is_commit_id(_base(commit.id)):
        raise InvalidReference(f"{commit.id!r} is not a commit ID, which has 32 hex digits")
    return commit


def _base(ref: str) -> str:
    """Strip ancestry: ``master^2`` is about ``master``."""
    if not ref:
        raise InvalidReference("the name of the branch or commit is empty")
    match = _ANCESTRY.fullmatch(ref)
    if match is None:
        raise InvalidReference(
            f"branch or commit {ref!r}: only letters, digits, '_' and '-' are allowed, then ^, ~ and . for ancestry"
        )
    return match["base"]


def is_expression(ref: str) -> bool:
    """Whether a branch or id has an ancestry suffix."""
    return not _ANCESTRY_MARKS.isdisjoint(ref)


def same_repo(one: Repo, other: Repo) -> bool:
    """Whether both are the same repo; no project means the default one."""
    return _whole(one) == _whole(other)


def _whole(repo: Repo) -> Repo:
    return replace(repo, project=repo.project or DEFAULT_PROJECT)
