"""What real servers do to repos, branches and commits, and what users meet instead: the same on every version.

The numbers are those of the list of observations on real servers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    AsyncPfsClient,
    BranchNotFound,
    Commit,
    CommitNotFinished,
    CommitNotFound,
    CommitSetInfo,
    CommitState,
    Conflict,
    InvalidRequest,
    NotFound,
    OriginKind,
    OutputBranch,
    RepoNotFound,
    Scope,
    Trigger,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Server, Supports
from tests.support._async.streams import collect


async def put(client: AsyncPfsClient, repo: str, branch: str = "master", path: str = "/a") -> Commit:
    async with client.commit(repo, branch) as commit:
        await client.put_file_bytes(commit, path, b"A")
    return commit


async def names(client: AsyncPfsClient, repo: str) -> list[str]:
    return sorted(info.branch.name for info in await client.list_branch(repo))


@pytest.fixture
async def followed(client: AsyncPfsClient, repo: str, supports: Supports) -> str:
    """A repo whose branch ``two`` follows ``master``, and ``three`` follows ``two``."""
    supports(Feature.TRIGGERS)
    await put(client, repo)
    await client.create_branch(repo, "two", trigger=Trigger("master", commits=100))
    await client.create_branch(repo, "three", trigger=Trigger("two", commits=100))
    return repo


@pytest.fixture
async def output(client: AsyncPfsClient, repo: str, supports: Supports) -> str:
    """A repo whose master is made from that of ``repo``."""
    supports(Feature.BRANCH_OBJECTS)
    await put(client, repo)
    await client.create_repo(repo + "-out")
    await client.create_branch(repo + "-out", "master", provenance=[(repo, "master")])
    return repo + "-out"


# triggers


@pytest.mark.versions("1.13.4", "2.7.8", "2.8.10", "2.9.7", "2.11.6")
@pytest.mark.parametrize("force", [False, True])
async def test_d34_a_branch_that_others_follow_is_not_deleted(
    client: AsyncPfsClient, followed: str, force: bool
) -> None:
    """D8, D34, D45: servers leave a trigger without a branch behind, refuse, fail, or die of it."""
    for branch, follower in (("master", "two"), ("two", "three")):
        with pytest.raises(Conflict, match=f"{followed}@{follower}"):
            await client.delete_branch(followed, branch, force=force)
    assert await names(client, followed) == ["master", "three", "two"]
    assert (await client.inspect_branch(followed, "two")).trigger == Trigger("master", commits=100)
    for branch in ("three", "two", "master"):
        await client.delete_branch(followed, branch, force=force)
    assert await names(client, followed) == []


@pytest.mark.versions("2.6.11", "2.11.6", "2.12.0-rc.3")
async def test_d08_a_branch_under_one_that_goes_by_the_clock_is_not_deleted(
    client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    supports(Feature.TRIGGER_CRON)
    await put(client, repo)
    await client.create_branch(repo, "nightly", trigger=Trigger("master", cron_spec="@daily"))
    with pytest.raises(Conflict, match="nightly"):
        await client.delete_branch(repo, "master", force=True)
    await client.delete_branch(repo, "nightly")
    await client.delete_branch(repo, "master")


@pytest.mark.versions("1.13.4", "2.5.9", "2.9.7", "2.11.6")
async def test_d34_a_branch_with_a_trigger_that_others_are_made_from(client: AsyncPfsClient, followed: str) -> None:
    """D34: to delete it, servers from 2.8 on want force, which would take it from what is made from it."""
    await client.create_repo(followed + "-out")
    await client.create_branch(followed + "-out", "master", provenance=[(followed, "three")])
    with pytest.raises(Conflict):
        await client.delete_branch(followed, "three")
    assert [source.name for source in (await client.inspect_branch(followed + "-out", "master")).provenance] == [
        "three"
    ]
    assert [made.repo.name for made in (await client.inspect_branch(followed, "three")).subvenance] == [
        followed + "-out"
    ]
    await client.delete_branch(followed, "three", force=True)
    assert await names(client, followed) == ["master", "two"]


@pytest.mark.versions("1.13.4", "2.7.8", "2.8.10", "2.9.7", "2.11.6")
@pytest.mark.parametrize("force", [False, True])
async def test_d45_a_repo_is_deleted_with_its_triggers(client: AsyncPfsClient, followed: str, force: bool) -> None:
    await client.delete_repo(followed, force=force)
    assert not await client.repo_exists(followed)


@pytest.mark.versions("1.13.4", "2.8.10", "2.11.6")
async def test_d45_a_repo_that_is_not_deleted_keeps_its_triggers(client: AsyncPfsClient, followed: str) -> None:
    await client.create_repo(followed + "-out")
    await client.create_branch(followed + "-out", "master", provenance=[(followed, "three")])
    with pytest.raises(Conflict):
        await client.delete_repo(followed)
    assert await names(client, followed) == ["master", "three", "two"]
    await client.delete_repo(followed, force=True)
    assert not await client.repo_exists(followed)


class Meanwhile:
    """Does something before the second call of one kind that a client makes."""

    def __init__(self, transport: Any, name: str, act: Callable[[], Awaitable[object]]) -> None:
        self._transport, self._name, self._act = transport, name, act
        self._calls = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    async def unary(self, call: Any, *args: Any, **options: Any) -> Any:
        self._calls += call.method.name == self._name
        if self._calls == 2 and call.method.name == self._name:
            await self._act()
        return await self._transport.unary(call, *args, **options)


@pytest.mark.versions("2.8.10", "2.9.7", "2.11.6")
async def test_d45_triggers_are_there_again_when_a_repo_is_refused_after_all(
    client: AsyncPfsClient, server: Server, followed: str, lacks: Supports
) -> None:
    """Somebody makes a branch from one of the repo's while it is deleted."""
    lacks(Feature.DELETE_TRIGGERED)
    before = {info.branch.name: (info.head, info.trigger) for info in await client.list_branch(followed)}
    await client.create_repo(followed + "-out")

    async def make_output() -> None:
        await client.create_branch(followed + "-out", "master", provenance=[(followed, "master")])

    async with AsyncPfsClient(server.host, server.port) as other:
        await other.version()
        session: Any = other._session
        session._transport = Meanwhile(session._transport, "DeleteRepo", make_output)
        with pytest.raises(Conflict):
            await other.delete_repo(followed)
    assert {info.branch.name: (info.head, info.trigger) for info in await client.list_branch(followed)} == before
    assert before["two"][1] is not None


@pytest.mark.versions("1.13.4", "2.3.9", "2.11.6")
async def test_d31_a_branch_with_a_trigger_is_not_made_from_others(client: AsyncPfsClient, followed: str) -> None:
    """D31: 1.x accepts both."""
    await client.create_repo(followed + "-in")
    with pytest.raises(Conflict, match="both"):
        await client.create_branch(followed, "two", provenance=[(followed + "-in", "master")])
    info = await client.inspect_branch(followed, "two")
    assert (info.provenance, info.trigger) == ((), Trigger("master", commits=100))


@pytest.mark.versions("1.13.4", "2.0.8", "2.5.9", "2.6.11", "2.11.6")
async def test_d41_a_trigger_in_a_repo_whose_oldest_branch_has_one(
    server: Server, client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    """D41: servers of 2.0 to 2.6.5 never answer."""
    supports(Feature.TRIGGERS)
    hand = Trigger("hand", commits=1)
    await put(client, repo, "first")
    await client.delete_branch(repo, "first")
    await put(client, repo, "hand")
    first = (await client.inspect_branch(repo, "hand")).head
    await client.delete_branch(repo, "hand")
    await client.create_branch(repo, "first", first)
    await client.create_branch(repo, "hand", first)
    # the oldest branch gets its trigger when the other one is there; up to then nothing is wrong
    await client.create_branch(repo, "first", trigger=hand)
    if server.version in ("2.0.8", "2.1.9", "2.2.8", "2.3.9", "2.4.6", "2.5.9"):
        with pytest.raises(Unsupported, match=r"never answer.*oldest branch"):
            await client.create_branch(repo, "third", trigger=hand)
        assert await names(client, repo) == ["first", "hand"]
    else:
        await client.create_branch(repo, "third", trigger=hand)
        assert await names(client, repo) == ["first", "hand", "third"]


@pytest.mark.versions("1.13.4", "2.3.9", "2.5.9", "2.11.6")
async def test_d48_triggers_form_no_loop(client: AsyncPfsClient, followed: str) -> None:
    """D41, D48: up to 2.5 servers accept it."""
    with pytest.raises(Conflict, match="loop"):
        await client.create_branch(followed, "two", trigger=Trigger("three", commits=1))
    with pytest.raises(Conflict, match="loop"):
        await client.create_branch(followed, "self", trigger=Trigger("self", commits=1))
    assert (await client.inspect_branch(followed, "two")).trigger == Trigger("master", commits=100)


@pytest.mark.versions("1.13.4", "2.3.9", "2.7.8", "2.11.6")
async def test_a_trigger_follows_a_branch_that_is_there(client: AsyncPfsClient, followed: str) -> None:
    """Servers before 2.8 accept one that is not."""
    with pytest.raises(BranchNotFound, match="missing"):
        await client.create_branch(followed, "other", trigger=Trigger("missing", commits=1))
    assert not await client.branch_exists(followed, "other")


@pytest.mark.versions("1.13.4", "2.7.8", "2.11.6")
async def test_a_trigger_may_follow_what_the_same_transaction_makes(
    client: AsyncPfsClient, followed: str, supports: Supports
) -> None:
    async with client.transaction():
        await client.create_branch(followed, "new", "master")
        await client.create_branch(followed, "after", trigger=Trigger("new", commits=1))
    assert (await client.inspect_branch(followed, "after")).trigger == Trigger("new", commits=1)


# provenance


@pytest.mark.versions("1.13.4", "2.3.9", "2.6.11", "2.7.8", "2.11.6")
async def test_d77_branches_form_no_circle_before_there_are_commits(
    client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    """D72, D77: 2.6 accepts it, and fsck finds the fault."""
    supports(Feature.BRANCH_OBJECTS)
    one, two, three = (f"{repo}-{number}" for number in range(3))
    for name in (one, two, three):
        await client.create_repo(name)
    await client.create_branch(two, "master", provenance=[(one, "master")])
    await client.create_branch(three, "master", provenance=[(two, "master")])
    for source in (two, three, one):
        with pytest.raises(Conflict):
            await client.create_branch(one, "master", provenance=[(source, "master")])
    assert [info.provenance for info in await client.list_branch(one)] == [()]


@pytest.mark.versions("1.13.4", "2.3.9", "2.11.6")
async def test_a_branch_is_not_made_from_its_own_repo(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.BRANCH_OBJECTS)
    await put(client, repo)
    with pytest.raises(Conflict, match="same repo"):
        await client.create_branch(repo, "other", provenance=[(repo, "master")])
    assert await names(client, repo) == ["master"]


# starting commits


@pytest.mark.versions("1.5.3", "1.7.14", "1.10.5", "1.13.4", "2.0.8", "2.1.9", "2.7.8", "2.8.10")
async def test_d19_the_parent_is_the_branch_itself_by_name(client: AsyncPfsClient, repo: str) -> None:
    """D19, D51: servers of 1.7 to 2.7 do not find it."""
    with pytest.raises(NotFound):
        await client.start_commit(repo, "master", parent="master")
    assert await names(client, repo) == []
    first = await put(client, repo)
    second = await client.start_commit(repo, "master", parent="master")
    info = await client.inspect_commit(second)
    assert info.parent is not None
    assert info.parent.id == first.id
    await client.finish_commit(second, wait=True)
    assert await client.get_files(second, "/a") == {"/a": b"A"}


@pytest.mark.versions("1.7.14", "1.13.4", "2.0.8", "2.11.6")
async def test_d19_the_parent_is_counted_from_the_branch_itself(
    client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    supports(Feature.ANCESTRY)
    first, _ = await put(client, repo, path="/1"), await put(client, repo, path="/2")
    started = await client.start_commit(repo, "master", parent="master^")
    info = await client.inspect_commit(started)
    assert info.parent is not None
    assert info.parent.id == first.id
    await client.drop_commit(started)


@pytest.mark.versions("1.4.8", "1.5.3", "1.7.14", "2.1.9", "2.11.6")
async def test_d51_a_parent_that_is_not_there(client: AsyncPfsClient, repo: str) -> None:
    for parent in ("missing", "0123456789ab4def8123456789abcdef"):
        with pytest.raises(CommitNotFound):
            await client.start_commit(repo, "master", parent=parent)
    assert await names(client, repo) == []


@pytest.mark.versions("1.13.4", "2.7.8", "2.8.10", "2.11.6")
async def test_d71_an_output_branch_is_one_whatever_its_head(client: AsyncPfsClient, output: str) -> None:
    """D71: servers from 2.8 on say only that the head is open."""
    with pytest.raises(OutputBranch):
        await client.start_commit(output, "master")
    await client.finish_commit((output, "master"), wait=True)
    with pytest.raises(OutputBranch):
        await client.start_commit(output, "master")


# waiting for what is made


@pytest.mark.versions("1.4.8", "1.6.10", "1.7.14")
async def test_nothing_is_waited_for_that_cannot_come(client: AsyncPfsClient, repo: str) -> None:
    """Servers before 1.7 wait for ever for a repo that is not made from the commit's."""
    commit = await put(client, repo)
    await client.create_repo(repo + "-other")
    assert await client.flush_commit(commit, repo + "-other", timeout=60) == []
    assert await client.flush_commit(commit, timeout=60) == []


# names


@pytest.mark.versions("1.13.4", "2.11.6")
async def test_no_name_is_empty(client: AsyncPfsClient, repo: str) -> None:
    """To servers, an empty one may mean oneself, or everything: DeleteRepo of 1.7 to 1.13 empties every repo."""
    commit = await put(client, repo)
    for attempt in (
        lambda: client.delete_repo(""),
        lambda: client.delete_branch(repo, ""),
        lambda: client.delete_branch("", "master"),
        lambda: client.delete_commit(f"{repo}@"),
        lambda: client.delete_commit((repo, "")),
        lambda: client.drop_commit(f"{repo}@master="),
        lambda: client.squash_commit_set(""),
        lambda: client.drop_commit_set(CommitSetInfo("")),
        lambda: client.delete_project(""),
        lambda: client.delete_project("", force=True),
        lambda: client.delete_transaction(""),
        lambda: client.finish_transaction(""),
        lambda: client.revoke_auth_token(""),
        lambda: client.revoke_auth_tokens_for_user(""),
        lambda: client.modify_role_binding(repo, "", ["repoOwner"]),
        lambda: client.set_scope(repo, "", Scope.OWNER),
        lambda: client.set_acl(repo, {"": Scope.OWNER}),
        lambda: client.modify_admins(add=[""]),
        lambda: client.modify_members("", ["user:a"]),
        lambda: client.set_groups_for_user("", []),
    ):
        with pytest.raises(InvalidRequest):
            await attempt()
    assert await client.get_files(commit, "/a") == {"/a": b"A"}


# lists and what is missing


@pytest.mark.versions("1.8.8", "1.9.12", "1.10.5", "1.13.4", "2.11.6")
async def test_d68_so_many_commits_of_a_repo(client: AsyncPfsClient, repo: str) -> None:
    """D68: 1.9 and 1.10 fail with BREAK."""
    ids = [str((await put(client, repo, path=f"/{number}")).id) for number in range(3)]
    infos = await collect(await client.list_commit(repo, number=2))
    assert [info.commit.id for info in infos] == ids[:0:-1]


@pytest.mark.versions("2.3.9", "2.4.6", "2.11.6", "2.12.0-rc.3")
async def test_d63_commits_before_a_time_back_from_a_commit(client: AsyncPfsClient, repo: str) -> None:
    """D63: with ``to``, servers do not mind the time."""
    commits = [await put(client, repo, path=f"/{number}") for number in range(4)]
    third = (await client.inspect_commit(commits[2])).started
    for newest in ("master", commits[3], commits[2]):
        infos = await collect(await client.list_commit(repo, newest, before=third))
        assert [info.commit.id for info in infos] == [commits[1].id, commits[0].id]
    (info,) = await collect(await client.list_commit(repo, "master", before=third, number=1))
    assert info.commit.id == commits[1].id


@pytest.mark.versions("1.6.10", "1.13.4", "2.0.8", "2.11.6", "2.12.0-rc.3")
async def test_d47_there_is_no_commit_before_the_first(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.ANCESTRY)
    await put(client, repo)
    for reference in ("master^", "master^^", "master~3"):
        with pytest.raises(CommitNotFound):
            await client.inspect_commit((repo, reference))
        assert not await client.commit_exists((repo, reference))


@pytest.mark.versions("2.0.8", "2.1.9", "2.5.9", "2.8.10", "2.11.6", "2.12.0-rc.3")
async def test_d46_what_is_missing_is_the_repo(client: AsyncPfsClient, repo_name: str, supports: Supports) -> None:
    """D35, D46, D69: codes and texts change with nearly every version; 1.x tells only of the branch."""
    supports(Feature.COMMIT_SETS)
    assert not await client.repo_exists(repo_name)
    with pytest.raises(RepoNotFound):
        await client.list_branch(repo_name)
    with pytest.raises(RepoNotFound):
        await client.start_commit(repo_name, "master")
    with pytest.raises(RepoNotFound):
        await client.list_commit(repo_name)
    assert not await client.commit_exists((repo_name, "master"))
    assert not await client.branch_exists(repo_name, "master")


async def test_d69_what_is_missing_is_deleted_already(client: AsyncPfsClient, repo_name: str) -> None:
    await client.delete_branch(repo_name, "master")
    await client.delete_branch(repo_name, "master", force=True)
    await client.delete_repo(repo_name)
    await client.create_repo(repo_name)
    await client.delete_branch(repo_name, "master")


@pytest.mark.versions("2.4.6", "2.6.11", "2.7.8", "2.8.10", "2.11.6")
async def test_d70_the_size_of_an_open_commit_is_not_known(client: AsyncPfsClient, repo: str) -> None:
    commit = await client.start_commit(repo, "master")
    await client.put_file_bytes(commit, "/a", b"A")
    assert (await client.inspect_commit(commit)).size_bytes is None
    await client.finish_commit(commit, wait=True)
    assert (await client.inspect_commit(commit)).size_bytes == 1


# projects


@pytest.fixture
async def project(project_name: str, supports: Supports) -> str:
    supports(Feature.PROJECTS)
    return project_name


@pytest.mark.versions("2.5.9", "2.6.11", "2.7.8", "2.9.7", "2.10.7", "2.11.6")
async def test_d33_an_update_creates_what_is_missing(client: AsyncPfsClient, project: str) -> None:
    """D33, D57: only servers of 2.7 to 2.9 do so."""
    await client.create_project(project, "words", update=True)
    assert (await client.inspect_project(project)).description == "words"
    await client.create_project(project, "others", update=True)
    assert (await client.inspect_project(project)).description == "others"


@pytest.mark.versions("2.5.9", "2.6.11", "2.7.8", "2.8.10", "2.11.6", "2.12.0-rc.3")
async def test_d64_a_missing_project(client: AsyncPfsClient, project: str, repo_name: str) -> None:
    """D35, D57, D64: it is told in a way of its own by nearly every version."""
    assert not await client.project_exists(project)
    assert not await client.repo_exists(f"{project}/{repo_name}")
    assert not await client.branch_exists(f"{project}/{repo_name}", "master")
    assert not await client.commit_exists(f"{project}/{repo_name}@master")
    with pytest.raises(NotFound):
        await client.create_repo(f"{project}/{repo_name}")
    await client.delete_repo(f"{project}/{repo_name}")
    await client.delete_branch(f"{project}/{repo_name}", "master")
    await client.delete_project(project)
    await client.delete_project(project, force=True)


# deleting everything, and looking for faults


@pytest.fixture
async def alone(empty_server: Server) -> AsyncIterator[AsyncPfsClient]:
    """A client that has a server of this version to itself."""
    async with AsyncPfsClient(empty_server.host, empty_server.port) as client:
        yield client


@pytest.mark.versions("1.7.14", "1.10.5", "1.13.4", "2.3.9", "2.11.6")
async def test_d22_everything_is_deleted_whatever_is_older(alone: AsyncPfsClient, supports: Supports) -> None:
    """D22: DeleteAll of 1.10 to 1.13 fails for ever if a repo is older than one that it is made from."""
    supports(Feature.BRANCH_OBJECTS)
    for name in ("out", "late", "end"):
        await alone.create_repo(name)
    await put(alone, "late")
    await alone.create_branch("out", "master", provenance=[("late", "master")])
    await alone.create_branch("end", "master", provenance=[("out", "master")])
    await put(alone, "late")
    await alone.start_commit("late", "open")
    await alone.delete_all()
    assert await alone.list_repo() == []
    await alone.create_repo("late")
    assert await alone.list_branch("late") == []


@pytest.mark.versions("1.13.4", "2.8.10", "2.11.6")
async def test_d34_everything_is_deleted_with_its_triggers(alone: AsyncPfsClient, supports: Supports) -> None:
    supports(Feature.TRIGGERS)
    for deletes in (alone.delete_all, lambda: alone.delete_repo(all=True), lambda: alone.delete_repo(None, True, True)):
        await alone.create_repo("in")
        await put(alone, "in")
        await alone.create_branch("in", "two", trigger=Trigger("master", commits=1))
        await deletes()
        assert await alone.list_repo() == []


async def test_d79_no_faults_are_found_in_a_repo_of_ours(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    """D79: on a shared server, fsck tells of the faults of others, too."""
    supports(Feature.FSCK)
    await put(client, repo)
    assert [line for line in await collect(await client.fsck()) if repo in line] == []


@pytest.mark.versions("1.7.14", "1.13.4", "2.11.6")
async def test_d20_a_branch_that_was_made_anew(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    """D20: servers before 1.9 tell only of the head and its ancestors."""
    supports(Feature.SUBSCRIBE_ALL)
    first = await put(client, repo)
    await client.delete_branch(repo, "master")
    second = await put(client, repo)
    async with await client.subscribe_commit(repo, "master") as commits:
        assert [(await commits.__anext__()).commit.id for _ in range(2)] == [first.id, second.id]
    assert (await client.inspect_commit(second)).origin in (OriginKind.USER, OriginKind.UNKNOWN)


# finishing what the server made


async def output_commits(client: AsyncPfsClient, repo: str, output: str) -> tuple[Commit, Commit]:
    """Make two open commits, one on top of the other, in ``output``, whose first one is finished."""
    await client.finish_commit((output, "master"), wait=True)
    await put(client, repo, path="/1")
    older = (await client.inspect_commit((output, "master"))).commit
    await put(client, repo, path="/2")
    return older, (await client.inspect_commit((output, "master"))).commit


@pytest.mark.versions("1.7.14", "1.13.4", "2.0.8", "2.1.9", "2.11.6")
async def test_d56_output_commits_are_finished_oldest_first(client: AsyncPfsClient, repo: str, output: str) -> None:
    """D39, D56: finished newest first, 2.0 leaves out files of the older one, and later servers finish neither."""
    older, newer = await output_commits(client, repo, output)
    for commit in (newer, Commit(newer.repo, "master")):
        with pytest.raises(CommitNotFinished, match=f"finish .*{older.id} first"):
            await client.finish_commit(commit)
    await client.put_file_bytes(older, "/made", b"1")
    await client.finish_commit(older)
    await client.finish_commit(newer, wait=True)
    assert await client.get_files(newer, "/made") == {"/made": b"1"}


@pytest.mark.versions("2.5.9", "2.8.10", "2.11.6")
async def test_d44_what_is_made_from_others_can_be_deleted(
    client: AsyncPfsClient, repo: str, output: str, supports: Supports
) -> None:
    """D44: 2.5 makes an open commit in its place, and finishes none that comes after it until that is finished."""
    supports(Feature.SQUASH_COMMIT)
    await client.finish_commit((output, "master"), wait=True)
    await put(client, repo, path="/1")
    made = (await client.inspect_commit((output, "master"))).commit
    await client.finish_commit(made, wait=True)
    await client.delete_commit(made)
    assert not await client.commit_exists(made)
    await put(client, repo, path="/2")
    await client.finish_commit((output, "master"))
    assert (await client.wait_commit((output, "master"), timeout=60)).state is CommitState.FINISHED


@pytest.mark.versions("2.0.8", "2.5.9", "2.11.6")
async def test_d38_what_is_cleared_is_behind_an_alias(
    client: AsyncPfsClient, repo: str, output: str, supports: Supports
) -> None:
    """D38: 2.0 to 2.5 put an alias over the open head of a branch that another one is made from."""
    supports(Feature.CLEAR_COMMIT)
    made = (await client.inspect_commit((output, "master"))).commit
    await client.put_file_bytes(made, "/made", b"1")
    await client.create_repo(output + "-end")
    await client.create_branch(output + "-end", "master", provenance=[(output, "master")])
    await client.clear_commit((output, "master"))
    await client.finish_commit((output, "master"))
    await client.wait_commit(made, timeout=60)
    assert await client.get_files(made, "/", recursive=True) == {}
