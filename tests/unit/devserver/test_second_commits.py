"""Requests that name a commit beside what they are about: it may not be of a repo that the caller may not read."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import auth_pb2, methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.devserver.engine import EngineError
from airflow_provider_pachyderm.devserver.engine.model import CommitRef, RepoKey
from tests.support.guarded import Guarded, guarded
from tests.unit.devserver.conftest import Desk

Pfs, V1Pfs = methods.Pfs, v1_methods.Pfs
HERS, MINE = v2.Repo(name="hers", type="user"), v2.Repo(name="mine", type="user")
SECRET = v2.Commit(branch=v2.Branch(repo=HERS, name="master"), repo=HERS)
FORK = v2.Branch(repo=MINE, name="fork")
ENDS = "`from` and `to` commits need to be from repo {mine}"
NO_HEAD = "branch and head commit must belong to the same repo"


def no_reader(repo: str) -> str:
    return f"robot:ci is not authorized to perform this operation - needs permissions [REPO_READ] on REPO {repo}. "


async def with_two_repos(server: Guarded) -> str:
    """Make the repo of the administrator's and one of somebody else's, whose token this gives."""
    token = server.token("robot:ci")
    await server.replies(Pfs.CreateRepo, v2.CreateRepoRequest(repo=HERS))
    await server.replies(Pfs.StartCommit, v2.StartCommitRequest(branch=SECRET.branch))
    await server.replies(Pfs.FinishCommit, v2.FinishCommitRequest(commit=SECRET))
    await server.replies(Pfs.CreateRepo, v2.CreateRepoRequest(repo=MINE), token=token)
    await server.replies(Pfs.CreateBranch, v2.CreateBranchRequest(branch=FORK), token=token)
    return token


@pytest.mark.parametrize(
    ("method", "request_", "said"),
    [
        (Pfs.StartCommit, v2.StartCommitRequest(branch=FORK, parent=SECRET), no_reader("{hers}")),
        (Pfs.ListCommit, v2.ListCommitRequest(repo=MINE, to_commit=SECRET), ENDS),
        (Pfs.ListCommit, v2.ListCommitRequest(repo=MINE, to_commit=v2.Commit(branch=FORK), from_commit=SECRET), ENDS),
        (
            Pfs.SubscribeCommit,
            v2.SubscribeCommitRequest(repo=MINE, from_commit=SECRET),
            "the `from` commit needs to be from repo {mine}",
        ),
    ],
)
@pytest.mark.parametrize(("version", "project"), [("2.4.6", ""), ("2.8.10", "default/"), ("2.11.6", "default/")])
async def test_a_second_commit(version: str, project: str, method: Any, request_: Any, said: str) -> None:
    async with guarded(version) as server:
        token = await with_two_repos(server)
        code, text = await asyncio.wait_for(server.told(method, request_, token=token), 5)
        assert (code == "OK", said.format(mine=f"{project}mine", hers=f"{project}hers") in text) == (False, True)


async def test_a_head_in_another_project() -> None:
    project = v2.Project(name="vision")
    theirs = v2.Repo(name="hers", type="user", project=project)
    resource = auth_pb2.Resource(type=auth_pb2.PROJECT, name="vision")
    grant = auth_pb2.ModifyRoleBindingRequest(resource=resource, principal="robot:ci", roles=["projectWriter"])
    async with guarded("2.11.6") as server:
        token = await with_two_repos(server)
        await server.replies(Pfs.CreateProject, v2.CreateProjectRequest(project=project))
        await server.replies(methods.Auth.ModifyRoleBinding, grant)
        await server.replies(Pfs.CreateRepo, v2.CreateRepoRequest(repo=theirs), token=token)
        create = v2.CreateBranchRequest(branch=v2.Branch(repo=theirs, name="fork"), head=SECRET)
        assert no_reader("default/hers") in (await server.told(Pfs.CreateBranch, create, token=token))[1]


@pytest.mark.parametrize("version", ["1.7.14", "1.9.12", "1.13.4"])
async def test_a_head_in_1x(version: str) -> None:
    async with guarded(version) as server:
        token = server.token("robot:ci")
        for name, owner in (("hers", "root-token"), ("mine", token)):
            await server.replies(V1Pfs.CreateRepo, v1.CreateRepoRequest(repo=v1.Repo(name=name)), token=owner)
        start = v1.StartCommitRequest(parent=v1.Commit(repo=v1.Repo(name="hers")), branch="master")
        (secret,) = await server.replies(V1Pfs.StartCommit, start)
        create = v1.CreateBranchRequest(branch=v1.Branch(repo=v1.Repo(name="mine"), name="fork"), head=secret)
        said = "robot:ci is not authorized to perform this operation on the repo hers, must have at least READER access"
        assert await server.told(V1Pfs.CreateBranch, create, token=token) == ("UNKNOWN", said)


# what is refused to everybody


def of_another_repo(desk: Desk) -> CommitRef:
    desk.engine.repos.create(RepoKey("other"))
    return desk.start(repo="other")


def mine(desk: Desk) -> str:
    return "default/r" if desk.engine.profile.world == "v2" else "r"


def test_ends_of_a_list(desk: Desk) -> None:
    foreign, own = of_another_repo(desk), desk.start()
    for to, start in ((foreign, None), (own, foreign)):
        with pytest.raises(EngineError) as refused:
            desk.engine.commit_lists.list(desk.repo, to, start)
        assert (refused.value.code, refused.value.text) == ("UNKNOWN", ENDS.format(mine=mine(desk)))
    with pytest.raises(EngineError, match="commits need to be from repo"):
        desk.engine.commit_lists.list(None, to=own)


async def test_where_a_subscription_begins(desk: Desk) -> None:
    with pytest.raises(EngineError) as refused:
        await asyncio.wait_for(anext(desk.engine.watching.subscribe(desk.repo, "master", of_another_repo(desk))), 5)
    said = f"the `from` commit needs to be from repo {mine(desk)}"
    assert (refused.value.code, refused.value.text) == ("UNKNOWN", said)


def test_2x_takes_no_head_of_another_repo(desk2: Desk) -> None:
    with pytest.raises(EngineError) as refused:
        desk2.engine.branches.create(desk2.branch("fork"), of_another_repo(desk2))
    assert (refused.value.code, refused.value.text) == ("UNKNOWN", NO_HEAD)


def test_1x_takes_a_head_of_another_repo(desk1: Desk) -> None:
    foreign = of_another_repo(desk1)
    desk1.engine.branches.create(desk1.branch("fork"), foreign)
    head = desk1.engine.branches.inspect(desk1.branch("fork")).head
    assert head is not None and head.id == foreign.id
