"""Every form that a commit or a repo may be given in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_pachyderm.client import (
    Branch,
    Commit,
    CommitInfo,
    CommitState,
    InvalidReference,
    Repo,
    parse_commit,
    parse_repo,
)
from airflow_provider_pachyderm.client._refs import check_branch_name, is_expression, same_repo

ID = "0123456789ab4def8123456789abcdef"
REPO = Repo("repo")


@pytest.mark.parametrize(
    ("value", "commit"),
    [
        (("repo", "master"), Commit(REPO, "master")),
        (["repo", ID], Commit(REPO, id=ID)),
        ((REPO, "master"), Commit(REPO, "master")),
        ("repo/master", Commit(REPO, "master")),
        (f"repo/{ID}", Commit(REPO, id=ID)),
        ("repo@master", Commit(REPO, "master")),
        (f"repo@{ID}", Commit(REPO, id=ID)),
        (f"repo@master={ID}", Commit(REPO, "master", ID)),
        ("project/repo@master", Commit(Repo("repo", "project"), "master")),
        (f"project/repo@master={ID}", Commit(Repo("repo", "project"), "master", ID)),
        ("repo@master^2", Commit(REPO, "master^2")),
        ("repo/master~1", Commit(REPO, "master~1")),
        (f"repo@{ID}^", Commit(REPO, id=f"{ID}^")),
        ("repo@master.1", Commit(REPO, "master.1")),
        (Commit(REPO, "master"), Commit(REPO, "master")),
        (Branch(REPO, "master"), Commit(REPO, "master")),
        (CommitInfo(Commit(REPO, id=ID), CommitState.OPEN), Commit(REPO, id=ID)),
    ],
)
def test_commits(value: Any, commit: Commit) -> None:
    assert parse_commit(value) == commit


@pytest.mark.parametrize(
    "value",
    [
        "", "repo", "repo/", "/master", "repo@", "@master", "repo@master=", "repo@=", f"repo@={ID}", "repo@master=abc",
        "re po@master", "repo@mas ter", "repo/m/x", "repo@a@b", "a/b/c@d", ("repo",), ("repo", "a", "b"),
        ("repo", None), ("repo", ""), ("", "master"), (1, "master"), None, 5, b"repo@master", Commit(REPO),
        Commit(Repo(""), "master"), Commit(REPO, ""), Commit(REPO, "master", "short"),
        "repo@master^x", "repo@^", {"repo": "master"},
    ],
)  # fmt: skip
def test_what_is_no_commit(value: Any) -> None:
    with pytest.raises(InvalidReference):
        parse_commit(value)


def test_the_clients_project_is_for_bare_names_only() -> None:
    assert parse_commit("repo@master", "mine").repo == Repo("repo", "mine")
    assert parse_commit(("repo", "master"), "mine").repo == Repo("repo", "mine")
    assert parse_commit("theirs/repo@master", "mine").repo == Repo("repo", "theirs")
    assert parse_repo("theirs/repo", "mine") == Repo("repo", "theirs")
    assert parse_repo("repo", "mine") == Repo("repo", "mine")
    assert parse_repo(Repo("repo"), "mine") == Repo("repo")


@pytest.mark.parametrize("value", ["", "a b", "a.b", "a/b/c", "ä", "a\n", "/repo", None, 7, Repo("a", "b c")])
def test_what_is_no_repo(value: Any) -> None:
    with pytest.raises(InvalidReference):
        parse_repo(value)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a.b", "ü", "x^", ID])
def test_what_is_no_branch_to_write_to(name: str) -> None:
    with pytest.raises(InvalidReference):
        check_branch_name(name)


names = st.from_regex(r"[a-zA-Z0-9_-]{1,20}", fullmatch=True)
ids = st.from_regex(r"[0-9a-f]{12}4[0-9a-f]{19}", fullmatch=True)
repos = st.builds(Repo, names, st.none() | names)
commits = st.builds(Commit, repos, names) | st.builds(Commit, repos, st.none() | names, ids)


@given(commits)
def test_a_commit_as_text_is_read_back(commit: Commit) -> None:
    assert parse_commit(str(commit)) == commit


def test_expressions() -> None:
    assert [is_expression(ref) for ref in ("master", "a-b_c", "", "master^", "master~3", "master.1")] == [False] * 3 + [
        True
    ] * 3


def test_no_project_is_the_default_one() -> None:
    assert same_repo(Repo("a"), Repo("a", "default"))
    assert not same_repo(Repo("a"), Repo("a", "other"))
    assert not same_repo(Repo("a"), Repo("b"))
