"""Transactions: all or nothing, only for who opened them, and nothing in them that would happen at once."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest

from airflow_provider_pachyderm.client import (
    AlreadyExists,
    AsyncPfsClient,
    Commit,
    CommitState,
    Conflict,
    NotInTransaction,
    TransactionNotFound,
    Unsupported,
)
from airflow_provider_pachyderm.client._capabilities import Feature
from airflow_provider_pachyderm.testing.server import DevServer
from tests.contract.conftest import Supports
from tests.support._async.streams import background


@pytest.fixture(autouse=True)
def transactions(request: pytest.FixtureRequest, supports: Supports) -> None:
    if "lacks" not in request.fixturenames:
        supports(Feature.TRANSACTIONS)


async def test_all_happens_at_the_end(client: AsyncPfsClient, repo_name: str) -> None:
    one, two = repo_name + "-1", repo_name + "-2"
    async with client.transaction() as transaction:
        await client.create_repo(one, "in a transaction")
        await client.create_repo(two)
        await client.create_branch(two, "staging")
        commit = await client.start_commit(one, "master", description="also")
        info = await client.inspect_transaction(transaction)
    assert info.calls == ("create_repo", "create_repo", "create_branch", "start_commit")
    assert [each.id for each in info.commits] == [commit.id]
    assert (await client.inspect_repo(one)).description == "in a transaction"
    assert await client.branch_exists(two, "staging")
    started = await client.inspect_commit(commit)
    assert (started.state, started.description, started.commit.branch) == (CommitState.OPEN, "also", "master")
    await client.put_file_bytes(commit, "/a", b"A")
    await client.finish_commit(commit, wait=True)
    assert await client.get_files((one, "master"), "/a") == {"/a": b"A"}
    with pytest.raises(TransactionNotFound):
        await client.inspect_transaction(transaction)


@pytest.fixture
async def onlooker(server: DevServer) -> AsyncIterator[AsyncPfsClient]:
    """Another client, which is in no transaction."""
    async with AsyncPfsClient(server.host, server.port) as client:
        yield client


async def test_nothing_happens_before_the_end(client: AsyncPfsClient, onlooker: AsyncPfsClient, repo: str) -> None:
    async with client.transaction():
        commit = await client.start_commit(repo, "master")
        assert not await onlooker.commit_exists(commit)
    assert await onlooker.commit_exists(commit)


async def test_nothing_happens_if_the_body_raises(client: AsyncPfsClient, repo: str, repo_name: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with client.transaction() as transaction:
            await client.create_repo(repo_name + "-2")
            commit = await client.start_commit(repo, "master")
            raise ZeroDivisionError
    assert not await client.repo_exists(repo_name + "-2")
    assert not await client.commit_exists(commit)
    assert transaction not in [info.id for info in await client.list_transaction()]


async def test_an_error_rises_where_it_is_made(client: AsyncPfsClient, repo: str) -> None:
    async with client.transaction() as transaction:
        with pytest.raises(AlreadyExists):
            await client.create_repo(repo)
        await client.create_branch(repo, "still")
        assert (await client.inspect_transaction(transaction)).calls == ("create_branch",)
    assert await client.branch_exists(repo, "still")


async def test_what_fails_at_the_end_leaves_nothing(
    client: AsyncPfsClient, onlooker: AsyncPfsClient, repo: str
) -> None:
    with pytest.raises(AlreadyExists):
        async with client.transaction() as transaction:
            await client.create_branch(repo, "mine")
            await client.create_repo(repo + "-2")
            await onlooker.create_repo(repo + "-2")
    assert not await client.branch_exists(repo, "mine")
    assert transaction not in [info.id for info in await client.list_transaction()]


async def test_commits_are_started_and_finished_together(client: AsyncPfsClient, repo: str) -> None:
    first = await client.start_commit(repo, "master")
    other = repo + "-2"
    await client.create_repo(other)
    async with client.transaction():
        await client.finish_commit(first, description="done")
        await client.delete_branch(repo, "missing")
        second = await client.start_commit(other, "master")
    assert (await client.wait_commit(first)).description == "done"
    assert (await client.inspect_commit(second)).state is CommitState.OPEN


async def test_deleting(client: AsyncPfsClient, onlooker: AsyncPfsClient, repo: str) -> None:
    await client.create_repo(repo + "-2")
    await client.create_branch(repo, "old")
    async with client.transaction():
        await client.delete_repo(repo + "-2")
        await client.delete_branch(repo, "old")
        assert await onlooker.repo_exists(repo + "-2")
    assert not await client.repo_exists(repo + "-2")
    assert not await client.branch_exists(repo, "old")


async def test_one_commit_a_repo(client: AsyncPfsClient, repo: str, supports: Supports) -> None:
    supports(Feature.COMMIT_REPO)
    with pytest.raises(Conflict):
        async with client.transaction():
            await client.start_commit(repo, "one")
            await client.start_commit(repo, "two")
    assert await client.list_branch(repo) == []


async def test_what_would_happen_at_once_is_refused(client: AsyncPfsClient, repo: str) -> None:
    async with client.commit(repo, "master") as commit:
        await client.put_file_bytes(commit, "/a", b"A")
    refused = [
        lambda: client.put_file_bytes(commit, "/b", b"B"),
        lambda: client.delete_file(commit, "/a"),
        lambda: client.copy_file(commit, "/a", (repo, "master"), "/b"),
        lambda: client.get_file(commit, "/a"),
        lambda: client.get_files(commit, "/a"),
        lambda: client.list_file(commit),
        lambda: client.inspect_file(commit, "/a"),
        lambda: client.inspect_repo(repo),
        lambda: client.repo_exists(repo),
        lambda: client.list_repo(),
        lambda: client.list_branch(repo),
        lambda: client.inspect_commit(commit),
        lambda: client.list_commit(repo),
        lambda: client.subscribe_commit(repo, "master"),
        lambda: client.wait_commit(commit),
        lambda: client.flush_commit(commit),
        lambda: client.finish_commit(commit, wait=True),
        lambda: client.drop_commit(commit),
        lambda: client.delete_commit(commit),
        lambda: client.delete_repo(all=True),
        lambda: client.delete_all(),
        lambda: client.fsck(),
    ]
    async with client.transaction() as transaction:
        for call in refused:
            with pytest.raises(NotInTransaction, match=transaction):
                await call()
        with pytest.raises(NotInTransaction):
            async with client.commit(repo, "other"):
                pass
        with pytest.raises(NotInTransaction):
            async with client.transaction():
                pass
        assert (await client.inspect_transaction(transaction)).calls == ()
    assert await client.get_files((repo, "master"), "/") == {"/a": b"A"}


async def test_others_are_not_in_it(client: AsyncPfsClient, repo: str) -> None:
    """Those who use the same client at the same time, from before the transaction."""
    commit = await client.start_commit(repo, "master")

    async def write() -> Commit:
        await client.put_file_bytes(commit, "/a", b"A")
        await client.finish_commit(commit)
        return commit

    async with background(transact, client, repo) as transacting:
        await write()
        await transacting.result()
    assert (await client.wait_commit(commit)).state is CommitState.FINISHED
    assert await client.branch_exists(repo, "in-it")


async def transact(client: AsyncPfsClient, repo: str) -> None:
    async with client.transaction():
        await client.create_branch(repo, "in-it")


async def test_by_hand(client: AsyncPfsClient) -> None:
    transaction = await client.start_transaction()
    info = await client.inspect_transaction(transaction)
    assert (info.id, info.calls, info.commits) == (transaction, (), ())
    assert info.started.tzinfo is not None
    assert transaction in [each.id for each in await client.list_transaction()]
    assert (await client.finish_transaction(transaction)).id == transaction
    other = await client.start_transaction()
    await client.delete_transaction(other)
    missing = uuid.uuid4().hex
    for call in (client.inspect_transaction, client.finish_transaction, client.delete_transaction):
        for gone in (transaction, other, missing):
            with pytest.raises(TransactionNotFound):
                await call(gone)


async def test_older_servers_have_none(client: AsyncPfsClient, repo: str, lacks: Supports) -> None:
    lacks(Feature.TRANSACTIONS)
    with pytest.raises(Unsupported, match=r"1\.9\.0"):
        async with client.transaction():
            await client.create_repo(repo + "-2")
    assert not await client.repo_exists(repo + "-2")
    with pytest.raises(Unsupported, match=r"1\.9\.0"):
        await client.list_transaction()
