"""Calls while the server is away, and calls whose answers are lost: done once, or said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    AlreadyExists,
    AsyncPfsClient,
    Commit,
    CommitState,
    NotFound,
    RepoNotFound,
    StreamBroken,
    Unavailable,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.testing.server import DevServer
from tests.contract.conftest import Supports
from tests.support._async.streams import background, collect, step, take
from tests.support.faulty import outage, striking

PUTS = "PutFile,ModifyFile"


@pytest.fixture
async def own(own_server: DevServer) -> AsyncIterator[AsyncPfsClient]:
    """A client that has reached it, and a repo ``r`` with a commit of ``/a``."""
    async with AsyncPfsClient(own_server.host, own_server.port) as client:
        await client.create_repo("r")
        await client.create_repo("away")
        async with client.commit("r", "master") as commit:
            await client.put_file_bytes(commit, "/a", b"A")
        yield client


async def put(client: AsyncPfsClient, repo: str, path: str, content: bytes = b"B") -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, path, content)


async def contents(client: AsyncPfsClient, commit: Commit, path: str) -> bytes:
    async with await client.get_file(commit, path) as reader:
        return await reader.read()


async def listed(client: AsyncPfsClient, commit: Commit) -> list[str]:
    return [info.path for info in await collect(await client.list_file(commit, "/"))]


async def test_calls_of_every_kind_ride_out_a_restart(own: AsyncPfsClient, own_server: DevServer) -> None:
    """None of them fails, and each is done once."""
    pinned = (await own.inspect_commit("r/master")).commit
    await own.create_branch("r", "gone", pinned)
    async with AsyncExitStack() as calls:
        async with AsyncExitStack() as away:
            away.enter_context(outage(own_server))
            made = [
                await calls.enter_async_context(background(*call))
                for call in (
                    (own.inspect_repo, "r"),
                    (own.create_repo, "new"),
                    (own.delete_repo, "away"),
                    (own.create_branch, "r", "other", pinned),
                    (own.delete_branch, "r", "gone"),
                    (put, own, "r", "/b"),
                    # of a commit that is finished: the head of the branch may be the put's, which is open
                    (contents, own, pinned, "/a"),
                    (listed, own, pinned),
                    (own.wait_commit, pinned),
                )
            ]
        results: list[Any] = [await each.result() for each in made]
    assert results[6] == b"A"
    assert results[7] == ["/a"]
    assert {info.repo.name for info in await own.list_repo()} == {"r", "new"}
    assert {info.branch.name for info in await own.list_branch("r")} == {"master", "other"}
    assert await own.get_files("r/master", "/") == {"/a": b"A", "/b": b"B"}
    assert len(await collect(await own.list_commit("r", branch="master"))) == 2


async def test_a_subscription_goes_on_behind_a_restart(own: AsyncPfsClient, own_server: DevServer) -> None:
    """Each commit comes once, also one that is made at once when the server is back."""
    async with await own.subscribe_commit("r", "master") as stream:
        (first,) = await take(stream, 1)
        with outage(own_server):
            pass
        await put(own, "r", "/b")
        async with background(step, stream) as waiting:
            second: Any = await waiting.result()
    newest = (await own.inspect_commit("r/master")).commit.id
    assert first.commit.id != second.commit.id == newest


async def test_waiting_goes_on_behind_a_restart(own: AsyncPfsClient, own_server: DevServer, supports: Supports) -> None:
    """A commit that is open when the server goes is waited for when it is back."""
    commit = await own.start_commit("r", "master")
    async with background(own.wait_commit, commit) as waiting:
        assert not await waiting.done_within(0.2)
        with outage(own_server):
            pass
        await own.finish_commit(commit)
        assert (await waiting.result()).state is CommitState.FINISHED


async def test_retries_can_be_turned_off(own: AsyncPfsClient, own_server: DevServer) -> None:
    own_server.kill()
    with own.retrying(0), pytest.raises(Unavailable) as caught:
        await own.inspect_repo("r")
    assert caught.value.attempts == 1
    own_server.start()
    # no pause in which the channel only repeats its old failure
    with own.retrying(0):
        assert (await own.inspect_repo("r")).repo.name == "r"


# lost answers


async def test_a_start_whose_answer_was_lost(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    """The commit is found again by its description, of which users see only their own part."""
    supports(Feature.COMMIT_DESCRIPTION)
    for number, text in enumerate(("what I say", ""), 1):
        with striking(client, "lose-reply", "StartCommit"):
            commit = await client.start_commit(repo, "master", description=text or None)
        info = await client.inspect_commit((repo, "master"))
        assert (info.commit.id, info.state, info.description) == (commit.id, CommitState.OPEN, text)
        await client.finish_commit(commit, wait=True)
        assert len(await collect(await client.list_commit(repo, branch="master"))) == number


async def test_a_start_whose_answer_was_lost_where_nothing_tells(
    client: AsyncPfsClient, repo: str, lacks: Supports
) -> None:
    """Below 1.6.6 there is no description: the second try meets the first one's open commit, and that is said."""
    lacks(Feature.COMMIT_DESCRIPTION)
    with client.retrying(1), striking(client, "lose-reply", "StartCommit"), pytest.raises(Exception, match=repo):
        await client.start_commit(repo, "master")


async def test_an_update_whose_answer_was_lost(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.REPO_UPDATE)
    with striking(client, "lose-reply", "CreateRepo"):
        await client.create_repo(repo, description="mine", update=True)
    assert (await client.inspect_repo(repo)).description == "mine"


async def test_changes_whose_answers_were_lost(client: AsyncPfsClient, repo: str) -> None:
    """Each of them is done, and once."""
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"A")
    name = f"{repo}-2"
    with striking(client, "lose-reply", "CreateRepo"):
        await client.create_repo(name, description="mine")
    with striking(client, "lose-reply", "DeleteRepo"):
        await client.delete_repo(name)
    with pytest.raises(RepoNotFound):
        await client.inspect_repo(name)
    with striking(client, "lose-reply", "CreateBranch,SetBranch"):
        await client.create_branch(repo, "other", commit)
    assert "other" in {info.branch.name for info in await client.list_branch(repo)}
    with striking(client, "lose-reply", "DeleteBranch"):
        await client.delete_branch(repo, "other")
    assert "other" not in {info.branch.name for info in await client.list_branch(repo)}
    second = await client.start_commit(repo, "master")
    with striking(client, "lose-reply", "FinishCommit"):
        await client.finish_commit(second)
    assert (await client.wait_commit(second)).state is CommitState.FINISHED


async def test_a_finish_of_a_branch_is_not_repeated(client: AsyncPfsClient, repo: str) -> None:
    """By then, another's open commit may be the head of the branch."""
    await client.start_commit(repo, "master")
    with striking(client, "lose-reply", "FinishCommit"), pytest.raises(Unavailable, match="may have done it"):
        await client.finish_commit((repo, "master"))
    other = await client.start_commit(repo, "master")
    assert (await client.inspect_commit(other)).state is CommitState.OPEN


async def test_a_repo_that_was_there_is_not_taken_for_ones_own(client: AsyncPfsClient, repo: str) -> None:
    """A lost refusal stays a refusal."""
    async with client.commit(repo, "master"):
        pass
    with striking(client, "lose-reply", "CreateRepo"), pytest.raises(AlreadyExists):
        await client.create_repo(repo)


async def test_a_drop_whose_answer_was_lost(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.DROP_COMMIT)
    commit = await client.start_commit(repo, "master")
    with striking(client, "lose-reply", "DeleteCommit,DropCommitSet,DropCommit"):
        await client.drop_commit(commit)
    with pytest.raises(NotFound):
        await client.inspect_commit((repo, commit.id))


# puts


@pytest.mark.parametrize("fault", ["lose-reply", "cut-after=1", "unavailable"])
@pytest.mark.parametrize("where", ["branch", "commit"])
async def test_a_put_is_made_again_as_a_whole(
    client: AsyncPfsClient, repo: str, tmp_path: Path, fault: str, where: str
) -> None:
    """Into the same open commit, where it replaces what the first try has written; once, whatever the server got."""
    content = b"0123456789" * 600_000  # several messages
    (tmp_path / "file").write_bytes(content)
    (tmp_path / "tree").mkdir()
    for name in ("a", "b"):
        (tmp_path / "tree" / name).write_bytes(name.encode() * 10)
    await client.put_file_bytes((repo, "master"), "/there", b"before")
    target: Any = (repo, "master") if where == "branch" else await client.start_commit(repo, "master")
    with striking(client, fault, PUTS):
        await client.put_file_bytes(target, "/there", content)
    with striking(client, fault, PUTS):
        await client.put_file(target, "/path", tmp_path / "file")
    with striking(client, fault, PUTS), (tmp_path / "file").open("rb") as file:
        file.seek(10)
        await client.put_file(target, "/opened", file)
    with striking(client, fault, PUTS):
        await client.put_files(target, tmp_path / "tree", "/tree")
    if where == "commit":
        await client.finish_commit(target, wait=True)
    read = await client.get_files((repo, "master"), "/", recursive=True)
    assert {path: len(data) for path, data in read.items()} == {
        "/opened": len(content) - 10,
        "/path": len(content),
        "/there": len(content),
        "/tree/a": 10,
        "/tree/b": 10,
    }
    assert len(await collect(await client.list_commit(repo, branch="master"))) == (5 if where == "branch" else 2)


async def test_a_put_that_cannot_be_repeated_is_not(client: AsyncPfsClient, repo: str) -> None:
    """What is appended, or can be read only once; a commit of its own goes."""
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"A")
    with striking(client, "lose-reply", PUTS), pytest.raises(Unavailable):
        await client.put_file_bytes((repo, "master"), "/a", b"B", append=True)
    with striking(client, "lose-reply", PUTS), pytest.raises(Unavailable):
        await client.put_file_bytes((repo, "master"), "/a", iter([b"B"]))
    assert await client.get_files((repo, "master"), "/") == {"/a": b"A"}
    assert len(await collect(await client.list_commit(repo, branch="master"))) == 1


# lists


@pytest.mark.parametrize("given", [0, 3])
async def test_a_list_that_breaks_goes_on(client: AsyncPfsClient, repo: str, supports: Supports, given: int) -> None:
    """Each item comes once, in order, wherever the stream broke."""
    supports(Feature.STREAM_FILES)
    async with client.commit(repo, "master") as commit:
        for number in range(6):
            await client.put_file_bytes(commit, f"/{number}", b"x")
    expected = [f"/{number}" for number in range(6)]
    for names, listing in (
        ("ListFile,ListFileStream", client.list_file),
        ("GlobFile,GlobFileStream", client.glob_file),
        ("WalkFile", client.walk_file),
    ):
        with striking(client, f"cut-after={given}", names):
            found = [info.path for info in await collect(await listing(commit, "/*" if "Glob" in names else "/"))]
        assert [path for path in found if path != "/"] == expected


async def test_a_list_that_breaks_and_has_changed_is_broken(
    client: AsyncPfsClient, repo: str, supports: Supports
) -> None:
    """What came cannot be joined with what comes: that would be a list that never was."""
    supports(Feature.STREAM_COMMITS)
    for number in range(4):
        await put(client, repo, f"/{number}")
    with striking(client, "cut-after=2", "ListCommit,ListCommitStream"):
        commits = await client.list_commit(repo)
        first = await step(commits)
        await put(client, repo, "/new")
        with pytest.raises(StreamBroken):
            await collect(commits)
    assert first.commit.id


async def test_what_may_have_been_done_is_said(own: AsyncPfsClient) -> None:
    """On a server of its own: what others leave on a shared one can make the first DeleteAll fail (D22)."""
    with striking(own, "lose-reply", "DeleteAll"), pytest.raises(Unavailable, match="may have done it"):
        await own.delete_all()
    with pytest.raises(RepoNotFound):
        await own.inspect_repo("r")
