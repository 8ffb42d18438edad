"""ALIAS commits: up to 2.5 a set has a commit on every branch that it is made from."""

from __future__ import annotations

import pytest

from airflow_provider_pachyderm._wire.v2 import methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from airflow_provider_pachyderm._wire.v2 import transaction_pb2 as tx
from tests.support.raw_v2 import Pfs, at, on, playing


@pytest.mark.parametrize(("version", "aliased"), [("2.0.0", True), ("2.5.9", True), ("2.6.0", False)])
async def test_a_set_has_a_commit_on_every_branch_it_is_made_from(version: str, aliased: bool) -> None:
    async with playing(version, repos=["in", "out"]) as call:
        before = await call.commit("in")
        await call.branch("out", on("in"))
        made = (await call.inspect(at("out"))).commit.id
        head = await call.inspect(at("in"))
        everything = await call.listed("in", all=True)
        assert [info.commit.id for info in await call.listed("in")] == [before.id]
        assert await call.paths(at("in")) == ["/f"]
    assert head.commit.id == (made if aliased else before.id)
    assert [info.origin.kind for info in everything] == [pb.ORIGIN_KIND_ALIAS, pb.ORIGIN_KIND_USER][not aliased :]
    assert head.HasField("finished")


async def test_an_alias_is_finished_with_what_it_stands_for() -> None:
    async with playing("2.3.9", repos=["in", "out"]) as call:
        opened = await call.start("in")
        await call.put(opened, "/late")
        await call.branch("out", on("in"))
        alias = await call.inspect(at("in"))
        assert alias.origin.kind == pb.ORIGIN_KIND_ALIAS
        assert not alias.HasField("finishing")
        code, text = await call.said(Pfs.FinishCommit, pb.FinishCommitRequest(commit=alias.commit))
        assert (code, text) == ("UNKNOWN", f"cannot finish an alias commit: in@master={alias.commit.id}")
        await call.finish(opened)
        alias = await call.inspect(alias.commit)
        assert (alias.HasField("finished"), alias.details.size_bytes) == (True, 1)
        assert await call.paths(alias.commit) == ["/late"]


async def test_a_moved_branch_joins_the_set_of_its_head_unless_told_otherwise() -> None:
    async with playing("2.3.9") as call:
        first = await call.commit("r")
        await call.branch("r@joined", head=first)
        await call.branch("r@apart", head=first, new_set=True)
        joined, apart = await call.inspect(at("r@joined")), await call.inspect(at("r@apart"))
    assert joined.commit.id == first.id != apart.commit.id
    assert [info.parent_commit.branch.name for info in (joined, apart)] == ["master", "master"]


async def test_one_id_on_two_branches() -> None:
    async with playing("2.3.9") as call:
        first = await call.commit("r")
        await call.branch("r@other", head=first)
        bare = pb.Commit(branch=pb.Branch(repo=on("r").repo), id=first.id)
        said = await call.said(Pfs.InspectCommit, pb.InspectCommitRequest(commit=bare))
        assert said == ("UNKNOWN", f"commit r@={first.id} is ambiguous (specify the branch to resolve)")
        assert (await call.inspect(at("r@other", first.id))).commit.branch.name == "other"


async def test_a_name_is_not_an_id() -> None:
    async with playing("2.5.9") as call:
        await call.commit("r")
        said = await call.said(Pfs.InspectCommit, pb.InspectCommitRequest(commit=at("r", "master")))
    assert said == ("UNKNOWN", "invalid commit ID given with a branch (default/r@master): master\n")


async def test_a_head_needs_commits_of_its_set_on_the_inputs() -> None:
    async with playing("2.3.9", repos=["in", "out"]) as call:
        await call.commit("in")
        alone = await call.commit("out@alone")
        request = pb.CreateBranchRequest(branch=on("out"), head=alone, provenance=[on("in")])
        code, text = await call.said(Pfs.CreateBranch, request)
    assert code == "UNKNOWN"
    assert text.endswith("as head because it does not have provenance in the in@master branch")


@pytest.mark.parametrize(
    ("version", "name", "words"),
    [
        ("2.3.9", "r@master", "- branch (master) already has a commit in this transaction"),
        ("2.6.0", "default/r@master", "already has a commit in this transaction"),
    ],
)
async def test_a_second_commit_of_a_transaction_on_a_branch(version: str, name: str, words: str) -> None:
    start = tx.TransactionRequest(start_commit=pb.StartCommitRequest(branch=on("r")))
    finish = tx.TransactionRequest(finish_commit=pb.FinishCommitRequest(commit=at("r")))
    batch = tx.BatchTransactionRequest(requests=[start, finish, start])
    async with playing(version) as call:
        code, text = await call.said(methods.Transaction.BatchTransaction, batch)
    assert code == "UNKNOWN"
    assert f"inconsistent dependencies: cannot create commit from {name}" in text
    assert text.endswith(words)


async def test_dropping_the_head_of_an_output_leaves_an_open_commit() -> None:
    async with playing("2.3.9", repos=["in", "out"]) as call:
        await call.branch("out", on("in"))
        first = await call.inspect(at("out"))
        await call(Pfs.DropCommitSet, pb.DropCommitSetRequest(commit_set=pb.CommitSet(id=first.commit.id)))
        head = await call.inspect(at("out"))
        input_head = await call.inspect(at("in"))
    assert head.commit.id == input_head.commit.id != first.commit.id
    assert not head.HasField("finishing")
    assert [branch.repo.name for branch in head.branch_provenance] == ["in"]
    assert input_head.HasField("finished")


@pytest.mark.parametrize(("version", "code"), [("2.0.8", "UNKNOWN"), ("2.1.0", "OK"), ("2.5.9", "OK")])
async def test_an_input_that_goes_back(version: str, code: str) -> None:
    async with playing(version, repos=["in", "out"]) as call:
        await call.branch("out", on("in"))
        first = await call.commit("in", "/1")
        await call.commit("in", "/2")
        back = pb.CreateBranchRequest(branch=on("in"), head=first)
        said = await call.said(Pfs.CreateBranch, back)
        head = await call.inspect(at("out"))
    assert said[0] == code
    assert (head.commit.id == first.id) is (code == "OK")
