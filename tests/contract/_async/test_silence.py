"""A server, or a network before it, that swallows what is sent: no refusal, no end, nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_pachyderm.client import (
    AlreadyExists,
    AsyncPfsClient,
    ClientConfig,
    CommitState,
    DeadlineExceeded,
    RetryPolicy,
    StreamStalled,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from tests.contract.conftest import Server, Supports
from tests.support._async.streams import background, collect
from tests.support.faulty import striking
from tests.support.outside import needs
from tests.support.silence import Swallowing

PUTS = "PutFile,ModifyFile"
NEAR = "a server that is near, as calls may take a second"
# a try may take a second, all tries of a call twelve
IMPATIENT: dict[str, Any] = {"timeout": 1.0, "stall_timeout": 1.0, "connect_timeout": 1.0}
POLICY = RetryPolicy(deadline=12, longest_pause=0.2)


@pytest.fixture
def network(server: Server) -> Swallowing:
    needs(NEAR)
    return Swallowing(server.address)


@pytest.fixture
def address(network: Swallowing) -> Iterator[str]:
    with network.running() as address:
        yield address


@pytest.fixture
async def far(address: str, repo: str) -> AsyncIterator[AsyncPfsClient]:
    """A client behind that network, which has reached the server."""
    async with AsyncPfsClient(config=ClientConfig(host=address, retry=POLICY, **IMPATIENT)) as client:
        await client.put_file_bytes((repo, "master"), "/a", b"A")
        yield client


async def commits(client: AsyncPfsClient, repo: str) -> int:
    return len(await collect(await client.list_commit(repo, branch="master")))


async def test_calls_ride_out_a_network_that_swallows(far: AsyncPfsClient, network: Swallowing, repo: str) -> None:
    """Reads, what is safe, and what is made safe; on connections that stay dead, as nothing ends them."""
    commit = (await far.inspect_commit((repo, "master"))).commit
    with network.swallowing(seconds=2):
        assert (await far.inspect_repo(repo)).repo.name == repo
    with network.swallowing(seconds=2):
        assert [info.path for info in await collect(await far.list_file(commit, "/"))] == ["/a"]
    with network.swallowing(seconds=2):
        assert await far.get_files(commit, "/") == {"/a": b"A"}
    with network.swallowing(seconds=2):
        await far.create_branch(repo, "other", commit)
    assert {info.branch.name for info in await far.list_branch(repo)} == {"master", "other"}


async def test_a_commit_is_made_once_where_answers_are_swallowed(
    far: AsyncPfsClient, network: Swallowing, repo: str, supports: Supports
) -> None:
    """The server has done what the client never heard of."""
    supports(Feature.COMMIT_DESCRIPTION)
    before = await commits(far, repo)
    with network.swallowing("answers", seconds=2):
        commit = await far.start_commit(repo, "master")
    with network.swallowing("answers", seconds=2):
        await far.put_file_bytes(commit, "/b", b"B")
    with network.swallowing("answers", seconds=2):
        await far.finish_commit(commit)
    assert (await far.wait_commit(commit)).state is CommitState.FINISHED
    assert await far.get_files((repo, "master"), "/") == {"/a": b"A", "/b": b"B"}
    assert await commits(far, repo) == before + 1


async def test_what_might_be_done_twice_is_not_made_again(far: AsyncPfsClient, repo: str) -> None:
    """It is done once at most, and the error says that it may be."""
    commit = await far.start_commit(repo, "master")
    with striking(far, "stall", "FinishCommit"), pytest.raises(DeadlineExceeded, match="may have done it"):
        await far.finish_commit((repo, "master"))
    assert (await far.inspect_commit(commit)).state is CommitState.OPEN
    with striking(far, "stall", PUTS), pytest.raises(StreamStalled):
        await far.put_file_bytes(commit, "/a", b"B", append=True)
    await far.finish_commit(commit, wait=True)
    assert await far.get_files(commit, "/") == {"/a": b"A"}


async def test_the_time_that_a_caller_gives_is_all(far: AsyncPfsClient, network: Swallowing, repo: str) -> None:
    """However long the policy may go on."""
    commit = await far.start_commit(repo, "master")
    with network.swallowing():
        async with background(wait_briefly, far, commit) as waiting:
            assert await waiting.done_within(6)
            with pytest.raises(DeadlineExceeded):
                await waiting.result()


async def wait_briefly(client: AsyncPfsClient, commit: Any) -> None:
    await client.wait_commit(commit, timeout=0.5)


async def test_without_retries_silence_is_an_error_at_once(far: AsyncPfsClient, network: Swallowing, repo: str) -> None:
    with network.swallowing(), far.retrying(0), pytest.raises(DeadlineExceeded) as caught:
        await far.inspect_repo(repo)
    assert caught.value.attempts == 1


@pytest.fixture
async def brief(server: Server, repo: str) -> AsyncIterator[AsyncPfsClient]:
    """A client whose policy is shorter than its streams may be silent."""
    needs(NEAR)
    policy = RetryPolicy(deadline=1, longest_pause=0.1)
    config = ClientConfig(host=server.host, port=server.port, timeout=0.4, stall_timeout=1.5, retry=policy)
    async with AsyncPfsClient(config=config) as client:
        async with client.commit(repo, "master") as commit:
            await client.put_file_bytes(commit, "/a", b"A" * 5_000_000)
            await client.put_file_bytes(commit, "/b", b"B")
        yield client


async def test_a_list_that_falls_silent_goes_on(brief: AsyncPfsClient, repo: str) -> None:
    """Also in the middle: what was given is not given again. The policy counts from then, not from the start."""
    commit = (await brief.inspect_commit((repo, "master"))).commit
    lists = "ListFile,ListFileStream,WalkFile,GlobFile,GlobFileStream"
    for fault in ("stall", "stall-after=1"):
        with striking(brief, fault, lists):
            listed = await collect(await brief.list_file(commit, "/"))
        assert [info.path for info in listed] == ["/a", "/b"]


async def test_a_file_that_falls_silent_is_read_on(brief: AsyncPfsClient, repo: str, tmp_path: Path) -> None:
    commit = (await brief.inspect_commit((repo, "master"))).commit
    for number, fault in enumerate(("stall", "stall-after=1")):
        with striking(brief, fault, "GetFile"):
            (file,) = await brief.download(commit, "/a", tmp_path / str(number))
        assert file.local.read_bytes() == b"A" * 5_000_000


async def test_a_put_that_the_server_does_not_answer_is_made_again(brief: AsyncPfsClient, repo: str) -> None:
    """It replaces whatever the first try has written."""
    with striking(brief, "stall", PUTS):
        await brief.put_file_bytes((repo, "master"), "/c", b"C")
    assert await brief.get_files((repo, "master"), "/c") == {"/c": b"C"}


async def test_a_refusal_behind_an_outage_is_one(far: AsyncPfsClient, network: Swallowing, repo: str) -> None:
    """What never left was not done by an earlier try: a repo that is there already is not taken for the one made."""
    await far.create_repo(f"{repo}-2")
    with network.swallowing(seconds=2.5):
        # this connection is dead now, and the next call finds out before it leaves
        with far.retrying(0), pytest.raises(DeadlineExceeded):
            await far.inspect_repo(repo)
        with pytest.raises(AlreadyExists):
            await far.create_repo(f"{repo}-2")
