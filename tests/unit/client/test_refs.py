"""Every form that a commit or a repo may be given in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_pachyderm.client import (
    CLUSTER,
    Branch,
    Commit,
    CommitInfo,
    CommitSetInfo,
    CommitSetLike,
    CommitState,
    InvalidReference,
    InvalidRequest,
    Project,
    Repo,
    file_set_commit,
    parse_branch,
    parse_commit,
    parse_file,
    parse_repo,
    parse_resource,
)
from airflow_provider_pachyderm.client._refs import (
    check_branch_name,
    is_commit_id,
    is_expression,
    parse_commit_set,
    parse_commits,
    same_repo,
)

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
ancestries = st.from_regex(r"([\^~][0-9]{0,2}|\.[0-9]{1,2}){0,2}", fullmatch=True)
branches = st.builds(
    lambda name, ancestry: name + ancestry, names.filter(lambda name: not is_commit_id(name)), ancestries
)
some_ids = st.builds(str.__add__, ids, ancestries)
commits = st.builds(Commit, repos, branches) | st.builds(Commit, repos, st.none() | branches, some_ids)
paths = st.lists(st.text(min_size=1).filter(lambda s: s not in (".", "..") and "/" not in s)).map(
    lambda segments: "/" + "/".join(segments)
)


@given(commits)
def test_a_commit_as_text_is_read_back(commit: Commit) -> None:
    assert parse_commit(str(commit)) == commit
    assert parse_commits([str(commit)]) == parse_commits(commit) == [commit]


@given(commits)
def test_every_form_of_a_commit_is_the_same_commit(commit: Commit) -> None:
    ref = commit.id or commit.branch
    plain = Commit(commit.repo, None if commit.id else commit.branch, commit.id)
    assert parse_commit((str(commit.repo), ref)) == parse_commit([commit.repo, ref]) == plain
    assert parse_commit(f"{commit.repo}@{ref}") == plain
    if commit.repo.project is None:
        assert parse_commit(f"{commit.repo}/{ref}") == plain


@given(commits, paths)
def test_a_file_as_text_is_read_back(commit: Commit, path: str) -> None:
    assert parse_file(f"{commit}:{path}") == (commit, path)


@given(st.text())
def test_text_is_a_reference_or_is_refused(text: str) -> None:
    try:
        commit = parse_commit(text)
    except InvalidReference as error:
        assert str(error)
    else:
        assert parse_commit(str(commit)) == commit


@pytest.mark.parametrize(
    ("text", "commit", "path"),
    [
        ("repo@master:/a/b", Commit(REPO, "master"), "/a/b"),
        ("repo/master:a", Commit(REPO, "master"), "/a"),
        (f"project/repo@{ID}:/", Commit(Repo("repo", "project"), id=ID), "/"),
        (f"repo@master={ID}:/a:b@c", Commit(REPO, "master", ID), "/a:b@c"),
        ("repo@master^:/a", Commit(REPO, "master^"), "/a"),
        ("repo@master:", Commit(REPO, "master"), "/"),
    ],
)
def test_files(text: str, commit: Commit, path: str) -> None:
    assert parse_file(text) == (commit, path)


@pytest.mark.parametrize("value", ["repo@master", "", ":/a", "repo:/a", "repo@:/a", None, ("repo", "master"), 5])
def test_what_is_no_file(value: Any) -> None:
    with pytest.raises(InvalidReference):
        parse_file(value)
    with pytest.raises(InvalidRequest, match="segment"):
        parse_file("repo@master:/../a")


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("repo/master", 1),
        (("repo", "master"), 1),
        ([REPO, ID], 1),
        (Commit(REPO, "master"), 1),
        (Branch(REPO, "master"), 1),
        (CommitInfo(Commit(REPO, id=ID), CommitState.OPEN), 1),
        (["repo/master"], 1),
        (("repo/master", "repo/other"), 2),
        ([("repo", "master"), ("repo", "other")], 2),
        ([Commit(REPO, "master"), "repo@other", ("repo", ID)], 3),
        ((text for text in ("repo/a", "repo/b")), 2),
    ],
)
def test_one_commit_or_several(value: Any, count: int) -> None:
    assert len(parse_commits(value)) == count


@pytest.mark.parametrize("value", [[], (), ["repo"], "repo", b"repo/master", None, [None], ["repo/a", "b/"]])
def test_what_are_no_commits(value: Any) -> None:
    with pytest.raises(InvalidReference):
        parse_commits(value)


def test_branches() -> None:
    branch = Branch(REPO, "master")
    assert [parse_branch(form) for form in ("repo@master", "repo/master", ("repo", "master"), branch)] == [branch] * 4
    assert parse_branch("repo@master", "mine") == Branch(Repo("repo", "mine"), "master")
    for text in (f"repo@{ID}", f"repo@master={ID}", "repo@master^", "repo"):
        with pytest.raises(InvalidReference):
            parse_branch(text)


def test_expressions() -> None:
    assert [is_expression(ref) for ref in ("master", "a-b_c", "", "master^", "master~3", "master.1")] == [False] * 3 + [
        True
    ] * 3


def test_no_project_is_the_default_one() -> None:
    assert same_repo(Repo("a"), Repo("a", "default"))
    assert not same_repo(Repo("a"), Repo("a", "other"))
    assert not same_repo(Repo("a"), Repo("b"))


@pytest.mark.parametrize(
    ("text", "repo"),
    [
        ("images.spec", Repo("images", type="spec")),
        ("images.meta", Repo("images", type="meta")),
        ("images.user", Repo("images")),
        ("project/images.spec", Repo("images", "project", "spec")),
    ],
)
def test_types_of_repos(text: str, repo: Repo) -> None:
    assert parse_repo(text) == repo
    assert parse_repo(str(repo)) == repo
    assert parse_commit(f"{text}@master") == Commit(repo, "master")
    assert parse_commit(str(Commit(repo, "master", ID))) == Commit(repo, "master", ID)


@pytest.mark.parametrize(
    "name", ["images.other", ".spec", "a.b.spec", Repo("images", type=""), Repo("images", type="a b")]
)
def test_types_that_are_none(name: Repo | str) -> None:
    with pytest.raises(InvalidReference):
        parse_repo(name)


def test_a_repo_is_another_one_with_another_type() -> None:
    assert same_repo(Repo("images"), Repo("images", "default"))
    assert not same_repo(Repo("images"), Repo("images", type="spec"))


@pytest.mark.parametrize(
    "value",
    [ID, f"images@{ID}", f"images@master={ID}", ("images", ID), Commit(Repo("images"), id=ID), CommitSetInfo(ID)],
)
def test_commit_sets(value: CommitSetLike) -> None:
    assert parse_commit_set(value) == ID


@pytest.mark.parametrize("value", ["images", "images@master", ("images", "master"), f"images@{ID}^", 7])
def test_what_tells_no_commit_set(value: CommitSetLike) -> None:
    with pytest.raises(InvalidReference):
        parse_commit_set(value)


@pytest.mark.parametrize("id", [ID, f"{ID}.{ID}{ID}"])
def test_file_sets(id: str) -> None:
    commit = file_set_commit(id)
    assert commit == Commit(Repo("__filesets__"), id=ID)
    assert parse_commit(str(commit)) == commit


@pytest.mark.parametrize("id", ["", ID[1:], ID + "0", f"{ID}.", f"{ID}.x", f"repo@{ID}", None, Commit(REPO, id=ID)])
def test_what_is_no_file_set(id: Any) -> None:
    with pytest.raises(InvalidReference):
        file_set_commit(id)


def test_what_roles_are_bound_to() -> None:
    assert parse_resource("repo", "project") == Repo("repo", "project")
    assert parse_resource("project/repo") == Repo("repo", "project")
    assert parse_resource(Project("project")) == Project("project")
    assert parse_resource(CLUSTER) is CLUSTER
    assert (str(Project("project")), str(CLUSTER)) == ("project", "cluster")
    for wrong in (Project(""), Project("a/b"), "", 3):
        with pytest.raises(InvalidReference):
            parse_resource(wrong)  # type: ignore[arg-type]
