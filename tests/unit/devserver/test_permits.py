"""What calls need, by the messages of the wire; what both worlds' clients see of it is in the contract suite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm._wire.v1 import auth_pb2 as v1_auth
from airflow_provider_pachyderm._wire.v1 import methods as v1_methods
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import auth_pb2 as v2_auth
from airflow_provider_pachyderm._wire.v2 import methods, transaction_pb2
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from tests.support.guarded import Guarded, guarded

Pfs, Auth = methods.Pfs, methods.Auth
REPO = v2.Repo(name="r", type="user")
MASTER = v2.Commit(branch=v2.Branch(repo=REPO, name="master"), repo=REPO)


@pytest.fixture
async def server() -> AsyncIterator[Guarded]:
    """A server of 2.11.6 with a repo of the administrator's, in which an open commit is."""
    async with guarded("2.11.6") as server:
        await server.replies(Pfs.CreateRepo, v2.CreateRepoRequest(repo=REPO))
        await server.replies(Pfs.StartCommit, v2.StartCommitRequest(branch=MASTER.branch))
        yield server


def refused(needs: str, on: str = "REPO default/r") -> tuple[str, str]:
    return "PERMISSION_DENIED", (
        f"robot:ci is not authorized to perform this operation - needs permissions [{needs}] on {on}. "
        "Run `pachctl auth roles-for-permission` to find roles that grant a given permission."
    )


@pytest.mark.parametrize(
    ("method", "request_", "needs"),
    [
        (Pfs.ClearCommit, v2.ClearCommitRequest(commit=MASTER), "REPO_WRITE"),
        (Pfs.FinishCommit, v2.FinishCommitRequest(commit=MASTER), "REPO_WRITE"),
        (Pfs.ListCommit, v2.ListCommitRequest(repo=REPO), "REPO_LIST_COMMIT"),
        (Pfs.SubscribeCommit, v2.SubscribeCommitRequest(repo=REPO), "REPO_INSPECT_COMMIT"),
        (Pfs.FindCommits, v2.FindCommitsRequest(start=MASTER), "REPO_INSPECT_COMMIT"),
        (Pfs.CreateBranch, v2.CreateBranchRequest(branch=MASTER.branch), "REPO_CREATE_BRANCH"),
        (Pfs.DeleteBranch, v2.DeleteBranchRequest(branch=MASTER.branch), "REPO_DELETE_BRANCH"),
        (Pfs.ListBranch, v2.ListBranchRequest(repo=REPO), "REPO_LIST_BRANCH"),
        (Pfs.ModifyFile, v2.ModifyFileRequest(set_commit=MASTER), "REPO_INSPECT_COMMIT"),
        (Pfs.GetFileSet, v2.GetFileSetRequest(commit=MASTER), "REPO_READ"),
        (Pfs.AddFileSet, v2.AddFileSetRequest(commit=MASTER, file_set_id="1"), "REPO_WRITE"),
        (Pfs.GetFileTAR, v2.GetFileRequest(file=v2.File(commit=MASTER, path="/")), "REPO_READ"),
        (Pfs.InspectFile, v2.InspectFileRequest(file=v2.File(commit=MASTER, path="/")), "REPO_INSPECT_FILE"),
        (Pfs.ListFile, v2.ListFileRequest(file=v2.File(commit=MASTER, path="/")), "REPO_LIST_FILE"),
        (Pfs.WalkFile, v2.WalkFileRequest(file=v2.File(commit=MASTER, path="/")), "REPO_READ REPO_LIST_FILE"),
        (Pfs.GlobFile, v2.GlobFileRequest(commit=MASTER, pattern="/*"), "REPO_READ REPO_LIST_FILE"),
        (Pfs.DiffFile, v2.DiffFileRequest(new_file=v2.File(commit=MASTER, path="/")), "REPO_READ"),
    ],
)
async def test_what_calls_on_a_repo_need(server: Guarded, method: Any, request_: Any, needs: str) -> None:
    assert await server.told(method, request_, token=server.token("robot:ci")) == refused(needs)


@pytest.mark.parametrize(
    ("method", "request_", "before", "needs"),
    [
        (Pfs.InspectCommit, v2.InspectCommitRequest(commit=MASTER), "inspect commitHandle: ", "REPO_INSPECT_COMMIT"),
        (Pfs.GetFile, v2.GetFileRequest(file=v2.File(commit=MASTER, path="/a")), "get file: ", "REPO_READ"),
        (
            Pfs.StartCommit,
            v2.StartCommitRequest(branch=v2.Branch(repo=REPO, name="other")),
            "start commit in transaction: ",
            "REPO_WRITE",
        ),
    ],
)
async def test_where_a_refusal_begins_with_the_step(
    server: Guarded, method: Any, request_: Any, before: str, needs: str
) -> None:
    code, text = refused(needs)
    assert await server.told(method, request_, token=server.token("robot:ci")) == (code, before + text)


@pytest.mark.parametrize(
    ("method", "request_", "needs"),
    [
        (Pfs.ActivateAuth, v2.ActivateAuthRequest(), "CLUSTER_AUTH_ACTIVATE"),
        (Pfs.DropCommitSet, v2.DropCommitSetRequest(commit_set=v2.CommitSet(id="1")), "REPO_DELETE_COMMIT"),
        (Pfs.SquashCommitSet, v2.SquashCommitSetRequest(commit_set=v2.CommitSet(id="1")), "REPO_DELETE_COMMIT"),
        (Pfs.SquashCommit, v2.SquashCommitRequest(commit=MASTER), "REPO_DELETE_COMMIT"),
        (methods.Transaction.DeleteAll, transaction_pb2.DeleteAllRequest(), "CLUSTER_DELETE_ALL"),
        (Auth.Deactivate, v2_auth.DeactivateRequest(), "CLUSTER_AUTH_DEACTIVATE"),
        (Auth.RestoreAuthToken, v2_auth.RestoreAuthTokenRequest(), "CLUSTER_AUTH_RESTORE_TOKEN"),
        (Auth.RotateRootToken, v2_auth.RotateRootTokenRequest(), "CLUSTER_AUTH_ROTATE_ROOT_TOKEN"),
        (Auth.SetConfiguration, v2_auth.SetConfigurationRequest(), "CLUSTER_AUTH_SET_CONFIG"),
    ],
)
async def test_what_calls_on_the_cluster_need(server: Guarded, method: Any, request_: Any, needs: str) -> None:
    assert await server.told(method, request_, token=server.token("robot:ci")) == refused(needs, "CLUSTER ")


@pytest.mark.parametrize(
    ("version", "said"), [("2.7.8", "OK"), ("2.8.0", "PERMISSION_DENIED"), ("2.11.6", "PERMISSION_DENIED")]
)
async def test_since_when_dropping_takes_a_role_on_the_cluster(version: str, said: str) -> None:
    async with guarded(version) as server:
        ci = server.token("robot:ci")
        await server.replies(Pfs.CreateRepo, v2.CreateRepoRequest(repo=REPO), token=ci)
        (commit,) = await server.replies(Pfs.StartCommit, v2.StartCommitRequest(branch=MASTER.branch), token=ci)
        drop = v2.DropCommitSetRequest(commit_set=v2.CommitSet(id=commit.id))
        assert (await server.told(Pfs.DropCommitSet, drop, token=ci))[0] == said


async def test_writers_only_are_let_into_an_open_commit(server: Guarded) -> None:
    bind = v2_auth.ModifyRoleBindingRequest(
        resource=v2_auth.Resource(type=v2_auth.REPO, name="default/r"), principal="robot:ci", roles=["repoReader"]
    )
    await server.replies(Auth.ModifyRoleBinding, bind)
    write = v2.ModifyFileRequest(set_commit=MASTER)
    assert await server.told(Pfs.ModifyFile, write, token=server.token("robot:ci")) == refused("REPO_WRITE")


async def test_a_file_set_is_open_to_who_knows_its_id(server: Guarded) -> None:
    ci = server.token("robot:ci")
    add = v2.ModifyFileRequest(add_file=v2.AddFile(path="/a", raw=BytesValue(value=b"A")))
    (made,) = await server.replies(Pfs.CreateFileSet, add)
    commit = v2.Commit(repo=v2.Repo(name="__filesets__", type="user"), id=made.file_set_id.partition(".")[0])
    (info,) = await server.replies(Pfs.ListFile, v2.ListFileRequest(file=v2.File(commit=commit, path="/")), token=ci)
    assert info.file.path == "/a"


async def test_a_copy_reads_what_it_copies(server: Guarded) -> None:
    ci, mine = server.token("robot:ci"), v2.Repo(name="mine", type="user")
    await server.replies(Pfs.CreateRepo, v2.CreateRepoRequest(repo=mine), token=ci)
    target = v2.ModifyFileRequest(set_commit=v2.Commit(branch=v2.Branch(repo=mine, name="master")))
    copy = v2.ModifyFileRequest(copy_file=v2.CopyFile(dst="/b", src=v2.File(commit=MASTER, path="/a")))
    assert await server.told(Pfs.ModifyFile, target, copy, token=ci) == refused("REPO_READ")


async def test_a_batch_is_refused_as_a_whole(server: Guarded) -> None:
    create = v2.CreateRepoRequest(repo=v2.Repo(name="mine", type="user"))
    requests = [
        transaction_pb2.TransactionRequest(create_repo=create),
        transaction_pb2.TransactionRequest(finish_commit=v2.FinishCommitRequest(commit=MASTER)),
    ]
    batch = transaction_pb2.BatchTransactionRequest(requests=requests)
    ci = server.token("robot:ci")
    code, text = await server.told(methods.Transaction.BatchTransaction, batch, token=ci)
    assert (code, "error running request 2 of 2" in text, "REPO_WRITE" in text) == ("PERMISSION_DENIED", True, True)
    infos = await server.replies(Pfs.ListRepo, v2.ListRepoRequest(type="user"))
    assert [info.repo.name for info in infos] == ["r"]


async def test_commits_of_all_repos(server: Guarded) -> None:
    ask = v2.ListCommitRequest()
    assert await server.told(Pfs.ListCommit, ask) == ("OK", "")
    code, text = await server.told(Pfs.ListCommit, ask, token=server.token("robot:ci"))
    assert (code, text) == ("UNKNOWN", "no role binding exists for REPO default/")


async def test_branches_of_all_repos(server: Guarded) -> None:
    said = "Cannot list branches from all repos with auth activated"
    assert await server.told(Pfs.ListBranch, v2.ListBranchRequest()) == ("UNKNOWN", said)


async def test_a_repo_that_is_left(server: Guarded) -> None:
    delete = v2.DeleteRepoRequest(repo=REPO)
    (reply,) = await server.replies(Pfs.DeleteRepo, delete, token=server.token("robot:ci"))
    assert not reply.deleted
    (reply,) = await server.replies(Pfs.DeleteRepo, delete)
    assert reply.deleted


async def test_a_repo_tells_what_one_may_do_with_it(server: Guarded) -> None:
    (info,) = await server.replies(Pfs.InspectRepo, v2.InspectRepoRequest(repo=REPO))
    assert [*info.auth_info.roles] == ["clusterAdmin", "repoOwner"]
    assert v2_auth.REPO_DELETE in info.auth_info.permissions
    (project,) = await server.replies(Pfs.ListProject, v2.ListProjectRequest(), token=server.token("robot:ci"))
    assert [*project.auth_info.roles] == ["projectWriter"]


async def test_nothing_is_told_where_nobody_is_asked(server: Guarded) -> None:
    await server.replies(Auth.Deactivate, v2_auth.DeactivateRequest())
    (info,) = await server.replies(Pfs.InspectRepo, v2.InspectRepoRequest(repo=REPO), token=None)
    assert not info.HasField("auth_info")
    off = ("UNIMPLEMENTED", "the auth service is not activated")
    assert await server.told(Auth.GetRoleBinding, v2_auth.GetRoleBindingRequest(), token=None) == off
    assert await server.told(Pfs.ActivateAuth, v2.ActivateAuthRequest(), token=None) == off


async def test_a_request_without_a_resource(server: Guarded) -> None:
    said = ("INVALID_ARGUMENT", "validate request: invalid AuthorizeRequest.Resource: value is required")
    assert await server.told(Auth.Authorize, v2_auth.AuthorizeRequest()) == said


# 1.x


async def test_what_1x_tells_of_a_repo() -> None:
    async with guarded("1.13.4") as server:
        await server.replies(v1_methods.Pfs.CreateRepo, v1.CreateRepoRequest(repo=v1.Repo(name="r")))
        for token, level in ((server.token("robot:ci"), v1_auth.SCOPE_NONE), ("root-token", v1_auth.SCOPE_OWNER)):
            (listed,) = await server.replies(v1_methods.Pfs.ListRepo, v1.ListRepoRequest(), token=token)
            assert [info.auth_info.access_level for info in listed.repo_info] == [level]


async def test_a_scope_that_there_is_not() -> None:
    async with guarded("1.13.4") as server:
        for method, request in (
            (v1_methods.Auth.Authorize, v1_auth.AuthorizeRequest(repo="r", scope=7)),  # type: ignore[arg-type]
            (v1_methods.Auth.SetScope, v1_auth.SetScopeRequest(username="robot:ci", repo="r", scope=7)),  # type: ignore[arg-type]
        ):
            assert await server.told(method, request) == ("UNKNOWN", "unrecognized scope: 7")


async def test_1x_asks_no_github() -> None:
    async with guarded("1.13.4") as server:
        await server.replies(v1_methods.Auth.Deactivate, v1_auth.DeactivateRequest())
        code, text = await server.told(v1_methods.Auth.Activate, v1_auth.ActivateRequest(subject="jane"))
        assert (code, "no GitHub" in text) == ("UNIMPLEMENTED", True)
        (reply,) = await server.replies(v1_methods.Auth.Activate, v1_auth.ActivateRequest(subject="robot:boss"))
        (me,) = await server.replies(v1_methods.Auth.WhoAmI, v1_auth.WhoAmIRequest(), token=reply.pach_token)
        assert (me.username, me.is_admin) == ("robot:boss", True)


async def test_tokens_of_1x_for_oneself() -> None:
    async with guarded("1.13.4") as server:
        ci = server.token("robot:ci")
        (mine,) = await server.replies(v1_methods.Auth.GetAuthToken, v1_auth.GetAuthTokenRequest(ttl=60), token=ci)
        assert mine.subject == "robot:ci"
        # a token does not make one that holds longer than itself
        longer = v1_auth.GetAuthTokenRequest(ttl=6000)
        (again,) = await server.replies(v1_methods.Auth.GetAuthToken, longer, token=mine.token)
        (me,) = await server.replies(v1_methods.Auth.WhoAmI, v1_auth.WhoAmIRequest(), token=again.token)
        assert 0 < me.ttl <= 60
        for other in ("robot:other", "pach:root"):
            request = v1_auth.GetAuthTokenRequest(subject=other)
            assert (
                "GetAuthToken on behalf of another user"
                in (await server.told(v1_methods.Auth.GetAuthToken, request, token=ci))[1]
            )
        revoke = v1_auth.RevokeAuthTokenRequest(token="root-token")
        said = (await server.told(v1_methods.Auth.RevokeAuthToken, revoke, token=ci))[1]
        assert "RevokeAuthToken on another user's token" in said


async def test_everything_of_1x_that_one_may_delete() -> None:
    async with guarded("1.13.4") as server:
        ci = server.token("robot:ci")
        for name, token in (("r", "root-token"), ("mine", ci)):
            await server.replies(v1_methods.Pfs.CreateRepo, v1.CreateRepoRequest(repo=v1.Repo(name=name)), token=token)
        await server.replies(v1_methods.Pfs.DeleteAll, Empty(), token=ci)
        (listed,) = await server.replies(v1_methods.Pfs.ListRepo, v1.ListRepoRequest())
        assert [info.repo.name for info in listed.repo_info] == ["r"]


NO_REPO = v1.Commit(id="master")
NO_REPO_FILE = v1.File(commit=NO_REPO, path="/a")


@pytest.mark.parametrize(
    ("method", "request_", "scope"),
    [
        (v1_methods.Pfs.StartCommit, v1.StartCommitRequest(parent=NO_REPO), "WRITER"),
        (v1_methods.Pfs.FinishCommit, v1.FinishCommitRequest(commit=NO_REPO), "WRITER"),
        (v1_methods.Pfs.InspectCommit, v1.InspectCommitRequest(commit=NO_REPO), "READER"),
        (v1_methods.Pfs.DeleteCommit, v1.DeleteCommitRequest(commit=NO_REPO), "WRITER"),
        (v1_methods.Pfs.FlushCommit, v1.FlushCommitRequest(commits=[NO_REPO]), "READER"),
        (v1_methods.Pfs.CreateBranch, v1.CreateBranchRequest(branch=v1.Branch(name="b"), head=NO_REPO), "WRITER"),
        (v1_methods.Pfs.GetFile, v1.GetFileRequest(file=NO_REPO_FILE), "READER"),
        (v1_methods.Pfs.CopyFile, v1.CopyFileRequest(src=NO_REPO_FILE, dst=NO_REPO_FILE), "READER"),
        (v1_methods.Pfs.GlobFile, v1.GlobFileRequest(commit=NO_REPO, pattern="*"), "READER"),
        (v1_methods.Pfs.DiffFile, v1.DiffFileRequest(new_file=NO_REPO_FILE), "READER"),
        (v1_methods.Pfs.DeleteFile, v1.DeleteFileRequest(file=NO_REPO_FILE), "WRITER"),
        (v1_methods.Pfs.PutFile, v1.PutFileRequest(file=NO_REPO_FILE, value=b"A"), "WRITER"),
    ],
)
@pytest.mark.parametrize("version", ["1.7.14", "1.13.4"])
async def test_a_commit_of_1x_without_its_repo(version: str, method: Any, request_: Any, scope: str) -> None:
    async with guarded(version) as server:
        said = f"robot:ci is not authorized to perform this operation on the repo , must have at least {scope} access"
        assert await server.told(method, request_, token=server.token("robot:ci")) == ("UNKNOWN", said)
        to_root = await server.told(method, request_)
        await server.replies(v1_methods.Auth.Deactivate, v1_auth.DeactivateRequest())
        # whoever may do all is told what everybody is where nobody is asked
        assert to_root == await server.told(method, request_, token=None)
