"""Who may do what by roles (2.x): for two users, and for the administrator."""

from __future__ import annotations

import uuid

import pytest

from airflow_provider_pachyderm.client import (
    CLUSTER,
    AsyncPfsClient,
    AuthConfiguration,
    AuthNotActivated,
    Commit,
    CommitState,
    Conflict,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    Project,
    RepoNotFound,
    Unauthenticated,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract._async.deeds import READS, WRITES, Do, commits, name_of, read, write
from tests.contract.conftest import ROOT, Supports

DENIED = "not authorized to perform this operation - needs permissions"


@pytest.fixture(autouse=True)
def has_roles(supports: Supports) -> None:
    supports(Feature.ROLES)


async def test_who_made_a_repo_owns_it(alice: AsyncPfsClient, hers: str) -> None:
    assert await alice.get_role_binding(hers) == {await name_of(alice): ("repoOwner",)}
    mine = await alice.get_permissions(hers)
    assert "repoOwner" in mine.roles
    assert {"REPO_READ", "REPO_WRITE", "REPO_DELETE", "REPO_MODIFY_BINDINGS"} <= {*mine.permissions}
    assert await alice.authorize(hers, ["REPO_READ", "REPO_DELETE"])


@pytest.mark.parametrize("do", [*READS, *WRITES])
async def test_others_may_nothing(bob: AsyncPfsClient, hers: str, do: Do) -> None:
    with pytest.raises(PermissionDenied, match=DENIED):
        await do(bob, hers)


@pytest.mark.parametrize("do", READS)
async def test_a_reader(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str, do: Do) -> None:
    await alice.modify_role_binding(hers, await name_of(bob), ["repoReader"])
    await do(bob, hers)


@pytest.mark.parametrize("do", WRITES)
async def test_a_reader_does_not_write(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str, do: Do) -> None:
    await alice.modify_role_binding(hers, await name_of(bob), ["repoReader"])
    with pytest.raises(PermissionDenied, match=DENIED):
        await do(bob, hers)
    answer = await bob.authorize(hers, ["REPO_READ", "REPO_WRITE"])
    assert not answer
    assert (answer.principal, answer.satisfied, answer.missing) == (
        await name_of(bob),
        ("REPO_READ",),
        ("REPO_WRITE",),
    )


@pytest.mark.parametrize("do", [*READS, *WRITES])
async def test_a_writer(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str, do: Do) -> None:
    await alice.modify_role_binding(hers, await name_of(bob), ["repoWriter"])
    await do(bob, hers)
    with pytest.raises(PermissionDenied):
        await bob.modify_role_binding(hers, await name_of(bob), ["repoOwner"])
    with pytest.raises(PermissionDenied):
        await bob.delete_repo(hers)
    assert await alice.repo_exists(hers)


async def test_a_writer_that_fails_leaves_nothing_to_read(
    alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str
) -> None:
    await alice.modify_role_binding(hers, await name_of(bob), ["repoWriter"])
    with pytest.raises(ZeroDivisionError):
        async with bob.commit(hers, "master") as commit:
            await bob.put_file_bytes(commit, "/half", b"H")
            raise ZeroDivisionError
    heads = await commits(alice, hers)
    assert heads[0].state is not CommitState.OPEN
    await write(bob, hers)
    assert sorted(await read(alice, hers)) == ["/a", "/new"]


async def test_what_is_taken_back(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    await alice.modify_role_binding(hers, await name_of(bob), ["repoReader", "repoWriter"])
    assert (await alice.get_role_binding(hers))[await name_of(bob)] == ("repoReader", "repoWriter")
    await alice.modify_role_binding(hers, await name_of(bob))
    assert await name_of(bob) not in await alice.get_role_binding(hers)
    with pytest.raises(PermissionDenied):
        await read(bob, hers)


async def test_everybody(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    await alice.modify_role_binding(hers, "allClusterUsers", ["repoReader"])
    assert await read(bob, hers) == {"/a": b"A"}


async def test_a_group(root: AsyncPfsClient, alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    group = f"group:{uuid.uuid4().hex[:8]}"
    await alice.modify_role_binding(hers, group, ["repoReader"])
    await root.modify_members(group, add=[await name_of(bob)])
    assert (await bob.get_groups(), await root.get_groups(await name_of(bob))) == ([group], [group])
    assert await root.get_users(group) == [await name_of(bob)]
    assert await name_of(bob) in await root.get_users()
    assert await read(bob, hers) == {"/a": b"A"}
    await root.set_groups_for_user(await name_of(bob), [])
    with pytest.raises(NotFound):
        await root.get_users(group)
    assert await bob.get_groups() == []
    with pytest.raises(PermissionDenied):
        await read(bob, hers)
    with pytest.raises(PermissionDenied, match="CLUSTER_AUTH_MODIFY_GROUP_MEMBERS"):
        await bob.modify_members(group, add=[await name_of(bob)])


async def test_roles_on_the_cluster(root: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    await root.modify_role_binding(CLUSTER, await name_of(bob), ["repoReader"])
    assert (await root.get_role_binding(CLUSTER))[await name_of(bob)] == ("repoReader",)
    assert await read(bob, hers) == {"/a": b"A"}
    await root.modify_role_binding(CLUSTER, await name_of(bob), [])


async def test_the_administrator_may_all(root: AsyncPfsClient, hers: str) -> None:
    for do in (*READS, *WRITES):
        await do(root, hers)
    assert "clusterAdmin" in (await root.get_permissions(hers)).roles
    assert (await root.get_role_binding(CLUSTER))["pach:root"] == ("clusterAdmin",)
    await root.delete_repo(hers)


async def test_what_others_are_allowed(root: AsyncPfsClient, alice: AsyncPfsClient, hers: str) -> None:
    theirs = await root.get_permissions(hers, await name_of(alice))
    assert "repoOwner" in theirs.roles
    with pytest.raises(PermissionDenied, match="CLUSTER_AUTH_GET_PERMISSIONS_FOR_PRINCIPAL"):
        await alice.get_permissions(hers, "pach:root")


async def test_roles_that_allow_something(alice: AsyncPfsClient) -> None:
    roles = {role.name: role for role in await alice.get_roles_for_permission("repo_write")}
    assert {"clusterAdmin", "repoOwner", "repoWriter"} <= {*roles}
    assert "repoReader" not in roles
    assert "REPO" in roles["repoWriter"].resources


async def test_a_repo_that_is_not_there(alice: AsyncPfsClient, root: AsyncPfsClient) -> None:
    with pytest.raises(PermissionDenied, match="no role binding exists for REPO"):
        await commits(alice, "missing")
    with pytest.raises(RepoNotFound):
        await root.inspect_repo("missing")
    with pytest.raises(PermissionDenied, match="no role binding exists for REPO"):
        await root.modify_role_binding("missing", "robot:ci", ["repoReader"])
    assert await root.get_role_binding("missing") == {}


@pytest.mark.parametrize(
    ("principal", "roles", "said"),
    [
        ("robot:ci", ["repoReadr"], 'unknown role "repoReadr"'),
        ("ci", ["repoReader"], "subject has no prefix"),
        ("elf:ci", ["repoReader"], "subject has unrecognized prefix: elf:"),
    ],
)
async def test_bindings_that_make_no_sense(
    alice: AsyncPfsClient, hers: str, principal: str, roles: list[str], said: str
) -> None:
    with pytest.raises(InvalidRequest, match=said):
        await alice.modify_role_binding(hers, principal, roles)


async def test_the_root_user_keeps_its_roles(root: AsyncPfsClient) -> None:
    with pytest.raises(InvalidRequest, match="for pach: users"):
        await root.modify_role_binding(CLUSTER, "pach:root", [])
    with pytest.raises(InvalidRequest, match="roles must be a list of names"):
        await root.modify_role_binding(CLUSTER, "robot:ci", "repoReader")


async def test_what_goes_with_a_repo(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    await alice.delete_repo(hers)
    await bob.create_repo(hers)
    assert await bob.get_role_binding(hers) == {await name_of(bob): ("repoOwner",)}


async def test_a_transaction_is_nobody_elses_way_in(
    alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str, repo_name: str
) -> None:
    async with bob.transaction():
        await bob.create_repo(f"{repo_name}-2")
    assert await bob.get_role_binding(f"{repo_name}-2") == {await name_of(bob): ("repoOwner",)}
    with pytest.raises(PermissionDenied, match="REPO_CREATE_BRANCH"):
        async with bob.transaction():
            await bob.create_branch(hers, "other")
    assert [info.branch.name for info in await alice.list_branch(hers)] == ["master"]


async def steal(client: AsyncPfsClient, repo: str, commit: Commit) -> None:
    async with client.modify(commit) as changes:
        changes.copy((repo, "master"), "/a", "/stolen")


async def test_no_reading_by_way_of_a_copy(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    await bob.create_repo(f"{hers}-2")
    async with bob.commit(f"{hers}-2", "master") as commit:
        with pytest.raises(PermissionDenied):
            await bob.copy_file((hers, "master"), "/a", commit, "/stolen")
        with pytest.raises(PermissionDenied, match=DENIED):
            await steal(bob, hers, commit)


async def test_lists_show_what_one_may_see(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    # everybody may look into the default project, and before 2.6 all repos are shown to all
    for client in (alice, bob):
        assert hers in [info.repo.name for info in await client.list_repo()]


# projects


@pytest.fixture
async def project(alice: AsyncPfsClient, supports: Supports) -> str:
    """A project of Alice's."""
    supports(Feature.PROJECTS)
    name = f"p{uuid.uuid4().hex[:8]}"
    await alice.create_project(name)
    return name


async def test_who_made_a_project_owns_it(alice: AsyncPfsClient, bob: AsyncPfsClient, project: str) -> None:
    assert await alice.get_role_binding(Project(project)) == {await name_of(alice): ("projectOwner",)}
    with pytest.raises(PermissionDenied, match=r"PROJECT_DELETE PROJECT_MODIFY_BINDINGS\] on PROJECT"):
        await bob.delete_project(project)
    with pytest.raises(PermissionDenied, match="PROJECT_MODIFY_BINDINGS"):
        await bob.modify_role_binding(Project(project), await name_of(bob), ["projectOwner"])
    await alice.delete_project(project)
    assert not await alice.project_exists(project)


async def test_what_holds_for_a_project_holds_for_its_repos(
    alice: AsyncPfsClient, bob: AsyncPfsClient, project: str
) -> None:
    repo = f"{project}/images"
    await alice.create_repo(repo)
    await alice.put_file_bytes(f"{repo}@master", "/a", b"A")
    with pytest.raises(PermissionDenied, match=f"on REPO {repo}"):
        await bob.get_files(f"{repo}@master", "/")
    await alice.modify_role_binding(Project(project), await name_of(bob), ["repoReader"])
    assert await bob.get_files(f"{repo}@master", "/") == {"/a": b"A"}


async def test_repos_of_a_project(alice: AsyncPfsClient, bob: AsyncPfsClient, project: str) -> None:
    if not any(role.name == "projectWriter" for role in await alice.get_roles_for_permission("PROJECT_CREATE_REPO")):
        pytest.skip("before 2.6 anyone may create repos in any project")
    with pytest.raises(PermissionDenied, match=r"failed to create repo: .*PROJECT_CREATE_REPO"):
        await bob.create_repo(f"{project}/images")
    await alice.create_repo(f"{project}/hidden")
    await alice.modify_role_binding(Project(project), await name_of(bob), ["projectWriter"])
    await bob.create_repo(f"{project}/images")
    async with AsyncPfsClient(config=bob.config, project=project) as client:
        assert sorted(info.repo.name for info in await client.list_repo()) == ["hidden", "images"]
    await alice.modify_role_binding(Project(project), await name_of(bob))
    async with AsyncPfsClient(config=bob.config, project=project) as client:
        assert [info.repo.name for info in await client.list_repo()] == ["images"]


# tokens


async def test_tokens_of_others(root: AsyncPfsClient, alice: AsyncPfsClient) -> None:
    with pytest.raises(PermissionDenied, match="CLUSTER_AUTH_REVOKE_USER_TOKENS"):
        await alice.revoke_auth_tokens_for_user(await name_of(alice))
    with pytest.raises(InvalidRequest, match="for pach: users"):
        await root.revoke_auth_tokens_for_user("pach:root")
    await root.revoke_auth_tokens_for_user(await name_of(alice))
    with pytest.raises(Unauthenticated):
        await alice.who_am_i()
    await root.delete_expired_auth_tokens()


async def test_a_robot_that_makes_robots(root: AsyncPfsClient, alice: AsyncPfsClient) -> None:
    with pytest.raises(PermissionDenied, match=r"CLUSTER_AUTH_GET_ROBOT_TOKEN\] on CLUSTER"):
        await alice.get_robot_token("ci")
    await root.modify_role_binding(CLUSTER, await name_of(alice), ["robotUser"])
    assert await alice.get_robot_token("ci")
    await root.modify_role_binding(CLUSTER, await name_of(alice), [])
    with pytest.raises(InvalidRequest, match="colons"):
        await root.get_robot_token("c:i")


async def test_the_configuration(root: AsyncPfsClient, alice: AsyncPfsClient) -> None:
    configuration = AuthConfiguration(issuer="https://dex", client_id="pachyderm", scopes=("email",))
    await root.set_auth_configuration(configuration)
    assert await root.get_auth_configuration() == configuration
    with pytest.raises(PermissionDenied, match="CLUSTER_AUTH_GET_CONFIG"):
        await alice.get_auth_configuration()


async def test_another_root_token(root: AsyncPfsClient) -> None:
    assert await root.rotate_root_token("another") == "another"
    with pytest.raises(Unauthenticated):
        await root.who_am_i()
    root.auth_token = "another"
    made = await root.rotate_root_token()
    with pytest.raises(Unauthenticated):
        await root.who_am_i()
    root.auth_token = made
    await root.rotate_root_token(ROOT)


async def test_without_authentication(client: AsyncPfsClient, repo: str) -> None:
    for ask in (
        lambda: client.get_role_binding(repo),
        lambda: client.get_permissions(repo),
        lambda: client.authorize(repo, "REPO_READ"),
        lambda: client.modify_role_binding(repo, "robot:ci", ["repoReader"]),
        client.get_groups,
        client.deactivate_auth,
        client.extract_auth_tokens,
    ):
        with pytest.raises(AuthNotActivated):
            await ask()


async def test_on_is_not_turned_on_again(root: AsyncPfsClient) -> None:
    with pytest.raises(Conflict, match="already activated"):
        await root.activate_auth()
