"""Who may do what by scopes (1.x): for two users, and for administrators."""

from __future__ import annotations

import uuid

import pytest

from airflow_provider_pachyderm.client import (
    CLUSTER,
    AsyncPfsClient,
    AuthNotActivated,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    Scope,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract._async.deeds import READS, WRITES, Do, commits, name_of, read
from tests.contract.conftest import Supports


@pytest.fixture(autouse=True)
def has_scopes(supports: Supports) -> None:
    supports(Feature.SCOPES)


async def test_who_made_a_repo_owns_it(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    assert await alice.get_acl(hers) == {await name_of(alice): Scope.OWNER}
    assert (await alice.get_scope(hers), await bob.get_scope(hers)) == (Scope.OWNER, Scope.NONE)
    assert await alice.get_scope(hers, await name_of(bob)) is Scope.NONE
    with pytest.raises(PermissionDenied, match="must have at least READER access"):
        await bob.get_scope(hers, await name_of(alice))


@pytest.mark.parametrize("do", [*READS, *WRITES])
async def test_others_may_nothing(bob: AsyncPfsClient, hers: str, do: Do) -> None:
    said = f"{await name_of(bob)} is not authorized to perform this operation on the repo {hers}, must have at least"
    with pytest.raises(PermissionDenied, match=said):
        await do(bob, hers)


@pytest.mark.parametrize("do", READS)
async def test_a_reader(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str, do: Do) -> None:
    await alice.set_scope(hers, await name_of(bob), Scope.READER)
    await do(bob, hers)


@pytest.mark.parametrize("do", WRITES)
async def test_a_reader_does_not_write(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str, do: Do) -> None:
    await alice.set_scope(hers, await name_of(bob), Scope.READER)
    with pytest.raises(PermissionDenied, match="must have at least WRITER access"):
        await do(bob, hers)
    assert await bob.authorize(hers, Scope.READER)
    assert not await bob.authorize(hers, Scope.WRITER)


@pytest.mark.parametrize("do", [*READS, *WRITES])
async def test_a_writer(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str, do: Do) -> None:
    await alice.set_scope(hers, await name_of(bob), Scope.WRITER)
    await do(bob, hers)
    for of_an_owner in (lambda: bob.set_scope(hers, "robot:ci", Scope.OWNER), lambda: bob.delete_repo(hers)):
        with pytest.raises(PermissionDenied, match="must have at least OWNER access"):
            await of_an_owner()


async def test_a_writer_that_fails_leaves_nothing(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    await alice.set_scope(hers, await name_of(bob), Scope.WRITER)
    before = await commits(alice, hers)
    with pytest.raises(ZeroDivisionError):
        async with bob.commit(hers, "master") as commit:
            await bob.put_file_bytes(commit, "/half", b"H")
            raise ZeroDivisionError
    assert await commits(alice, hers) == before


async def test_all_scopes_at_once(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    given = {await name_of(alice): Scope.OWNER, await name_of(bob): Scope.READER, "robot:ci": Scope.WRITER}
    await alice.set_acl(hers, given)
    assert await bob.get_acl(hers) == dict(sorted(given.items()))
    await alice.set_acl(hers, {await name_of(bob): Scope.OWNER})
    with pytest.raises(PermissionDenied):
        await read(alice, hers)
    with pytest.raises(PermissionDenied):
        await alice.set_acl(hers, given)


async def test_what_is_taken_back(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    await alice.set_scope(hers, await name_of(bob), Scope.READER)
    await alice.set_scope(hers, await name_of(bob), Scope.NONE)
    assert await name_of(bob) not in await alice.get_acl(hers)
    with pytest.raises(PermissionDenied):
        await read(bob, hers)


async def test_a_group(
    root: AsyncPfsClient, alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str, supports: Supports
) -> None:
    supports(Feature.GROUPS)
    group = f"group/oidc:{uuid.uuid4().hex[:8]}"
    await alice.set_scope(hers, group, Scope.READER)
    await root.modify_members(group, add=[await name_of(bob)])
    assert (await bob.get_groups(), await root.get_groups(await name_of(bob))) == ([group], [group])
    assert await root.get_users(group) == [await name_of(bob)]
    assert await read(bob, hers) == {"/a": b"A"}
    await root.set_groups_for_user(await name_of(bob), [])
    with pytest.raises(NotFound):
        await root.get_users(group)
    with pytest.raises(PermissionDenied):
        await read(bob, hers)
    for of_an_admin in (lambda: bob.modify_members(group, add=["robot:ci"]), lambda: bob.get_groups("robot:ci")):
        with pytest.raises(PermissionDenied, match="must be an admin to call"):
            await of_an_admin()


async def test_the_administrator_may_all(root: AsyncPfsClient, hers: str) -> None:
    for do in (*READS, *WRITES):
        await do(root, hers)
    assert await root.get_scope(hers) is Scope.NONE  # it is not for that
    await root.delete_repo(hers)


async def test_administrators(root: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    with pytest.raises(PermissionDenied, match="must be an admin to call"):
        await bob.modify_admins(add=[await name_of(bob)])
    await root.modify_admins(add=[await name_of(bob)])
    assert sorted(await bob.get_admins()) == sorted([await name_of(root), await name_of(bob)])
    assert await read(bob, hers) == {"/a": b"A"}
    with pytest.raises(InvalidRequest, match="cannot remove all cluster administrators"):
        await root.modify_admins(remove=[await name_of(bob), await name_of(root)])
    await root.modify_admins(remove=[await name_of(bob)])
    assert await bob.get_admins() == [await name_of(root)]


async def test_administrators_of_files(
    root: AsyncPfsClient, bob: AsyncPfsClient, hers: str, supports: Supports
) -> None:
    supports(Feature.CLUSTER_ROLES)
    await root.modify_role_binding(CLUSTER, await name_of(bob), ["fs"])
    assert (await bob.get_role_binding(CLUSTER))[await name_of(bob)] == ("fs",)
    assert await read(bob, hers) == {"/a": b"A"}
    with pytest.raises(PermissionDenied, match="must be an admin to call"):
        await bob.modify_role_binding(CLUSTER, await name_of(bob), ["super"])
    await root.modify_role_binding(CLUSTER, await name_of(bob), [])
    with pytest.raises(PermissionDenied):
        await read(bob, hers)


async def test_of_whom_there_is_no_kind(alice: AsyncPfsClient, hers: str) -> None:
    await alice.set_scope(hers, "jane", Scope.READER)
    assert (await alice.get_acl(hers))["github:jane"] is Scope.READER
    with pytest.raises(InvalidRequest, match="subject has unrecognized prefix: elf:"):
        await alice.set_scope(hers, "elf:jane", Scope.READER)


async def test_a_repo_that_is_not_there(root: AsyncPfsClient, alice: AsyncPfsClient) -> None:
    with pytest.raises(NotFound):
        await root.set_scope("missing", "robot:ci", Scope.READER)
    with pytest.raises(PermissionDenied):
        await commits(alice, "missing")


async def test_what_goes_with_a_repo(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    await alice.delete_repo(hers)
    await bob.create_repo(hers)
    assert await bob.get_acl(hers) == {await name_of(bob): Scope.OWNER}


async def test_all_that_one_may_delete(
    root: AsyncPfsClient, alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str
) -> None:
    await bob.create_repo(f"{hers}-2")
    await bob.delete_repo(all=True)
    names = [info.repo.name for info in await root.list_repo()]
    assert hers in names
    assert f"{hers}-2" not in names


async def test_a_copy_is_nobodys_way_in(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    await bob.create_repo(f"{hers}-2")
    async with bob.commit(f"{hers}-2", "master") as commit:
        with pytest.raises(PermissionDenied):
            await bob.copy_file((hers, "master"), "/a", commit, "/stolen")


async def test_waiting_tells_only_what_one_may_see(alice: AsyncPfsClient, bob: AsyncPfsClient, hers: str) -> None:
    output = f"{hers}-out"
    await alice.create_repo(output)
    await alice.create_branch(output, "master", provenance=[(hers, "master")])
    await alice.finish_commit((output, "master"))
    async with alice.commit(hers, "master") as commit:
        await alice.put_file_bytes(commit, "/b", b"B")
    await alice.finish_commit((output, "master"))
    await alice.set_scope(hers, await name_of(bob), Scope.READER)
    assert [info.commit.repo.name for info in await alice.flush_commit(commit)] == [output]
    assert await bob.flush_commit(commit) == []


async def test_scopes_of_a_single_user(root: AsyncPfsClient, repo_name: str) -> None:
    await root.create_repo(repo_name)
    await root.set_scope(repo_name, "github:jane", Scope.WRITER)
    assert await root.get_scope(repo_name, "github:jane") is Scope.WRITER


async def test_without_authentication(client: AsyncPfsClient, repo: str) -> None:
    for ask in (lambda: client.get_scope(repo), lambda: client.authorize(repo, Scope.READER)):
        with pytest.raises(AuthNotActivated):
            await ask()
