"""Releases of 1.x where the recordings say nothing: what patches changed, and hazards that clients guard against."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.method import Method
from airflow_provider_pachyderm._wire.v1 import admin_pb2, auth_pb2, methods, pps_pb2, transaction_pb2
from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as pb
from airflow_provider_pachyderm._wire.v1 import transaction_pb2 as tx
from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.releases import fields_v1
from airflow_provider_pachyderm.devserver.releases.played import INFERRED
from airflow_provider_pachyderm.devserver.releases.profile import profile_for
from airflow_provider_pachyderm.devserver.servicers.admin import EnterpriseV1
from tests.support.web import Website
from tests.unit.devserver.test_v1 import Client, file

Pfs = methods.Pfs

Play = Callable[[str], AbstractAsyncContextManager[Client]]


@pytest.fixture
def play() -> Play:
    """``async with play("1.4.8") as client``."""

    @asynccontextmanager
    async def played(version: str) -> AsyncIterator[Client]:
        options = [("grpc.max_receive_message_length", -1)]
        async with (
            serve(profile_for(version), grace=0) as running,
            grpc.aio.insecure_channel(running.address, options=options) as channel,
        ):
            yield Client(channel)

    return played


async def repo_sizes(client: Client) -> dict[str, int]:
    listed = await client(Pfs.ListRepo, pb.ListRepoRequest())
    return {info.repo.name: info.size_bytes for info in listed.repo_info}


# ---- which calls and fields there are ---------------------------------------------------


def test_what_a_release_lacks_is_known_of_every_1_x() -> None:
    names = set(fields_v1.FIELDS)
    for version in (version for version in INFERRED if version.startswith("1.")):
        assert profile_for(version).lacks <= names, version
    assert profile_for("1.13.0").lacks == {
        "SetBranch",
        "CommitInfo.commit_provenance",
        "CommitInfo.branch_provenance",
        "RepoInfo.provenance",
        "CreateRepoRequest.provenance",
        "ListRepoRequest.provenance",
        "StartCommitRequest.commit_provenance",
        "CreatePipelineRequest.batch",
        "CreatePipelineRequest.scale_down_threshold",
        "PipelineInfo.batch",
        "PipelineInfo.scale_down_threshold",
        "JobInfo.batch",
        "Service.annotations",
    }


def test_names_in_the_contract_are_calls_services_or_fields() -> None:
    services = [value for value in vars(methods).values() if isinstance(value, type)]
    calls = {call.path for service in services for call in vars(service).values() if isinstance(call, Method)}
    known = {path.split("/")[2] for path in calls} | {path.split("/")[1] for path in calls}
    known.add(EnterpriseV1.service())
    for module in (pb, pps_pb2, auth_pb2, admin_pb2, transaction_pb2):
        for message in module.DESCRIPTOR.message_types_by_name.values():
            known |= {f"{message.name}.{field.name}" for field in message.fields}
    assert set(fields_v1.FIELDS) <= known


@pytest.mark.parametrize(
    ("before", "since", "method", "request_"),
    [
        ("1.6.1", "1.6.2", Pfs.ListFileStream, pb.ListFileRequest()),
        ("1.6.1", "1.6.2", Pfs.GlobFileStream, pb.GlobFileRequest()),
        ("1.6.3", "1.6.4", Pfs.ListCommitStream, pb.ListCommitRequest()),
        ("1.4.7", "1.4.8", Pfs.DiffFile, pb.DiffFileRequest()),
        ("1.5.3", "1.6.0", Pfs.CopyFile, pb.CopyFileRequest()),
        ("1.7.14", "1.8.0", Pfs.WalkFile, pb.WalkFileRequest()),
        ("1.5.0", "1.5.1", methods.Auth.WhoAmI, methods.Auth.WhoAmI.request_type()),
    ],
)
async def test_calls_appear_in_patches(
    play: Play, before: str, since: str, method: Method[Any, Any], request_: Any
) -> None:
    async with play(before) as client:
        assert (await client.refused(method, request_))[0] == "UNIMPLEMENTED"
    async with play(since) as client:
        assert (await client.refused(method, request_))[0] != "UNIMPLEMENTED"


async def test_batch_transactions_come_with_1_9_11(play: Play) -> None:
    batch = tx.BatchTransactionRequest(requests=[])
    async with play("1.9.10") as client:
        assert (await client.refused(methods.Transaction.BatchTransaction, batch))[0] == "UNIMPLEMENTED"
    async with play("1.9.11") as client:
        assert (await client(methods.Transaction.BatchTransaction, batch)).transaction.id


async def test_a_field_that_a_release_lacks_means_nothing(play: Play) -> None:
    for version, told in (("1.4.6", ""), ("1.4.7", "told")):
        async with play(version) as client:
            await client(Pfs.CreateRepo, pb.CreateRepoRequest(repo=pb.Repo(name="r"), description="told"))
            info = await client(Pfs.InspectRepo, pb.InspectRepoRequest(repo=pb.Repo(name="r")))
            assert info.description == told, version


async def test_fsck_answers_once_before_1_9_4(play: Play) -> None:
    once = replace(Pfs.Fsck, request_type=Empty, reply_type=Empty, server_streaming=False)
    async with play("1.9.3") as client:
        assert await client(once, Empty()) == Empty()
    async with play("1.9.4") as client:
        assert await client(Pfs.Fsck, pb.FsckRequest()) == []


@pytest.mark.parametrize("version", ["1.6.10", "1.7.0"])
async def test_delete_branch_reads_only_its_own_form(play: Play, version: str) -> None:
    old = replace(Pfs.DeleteBranch, request_type=pb.Commit)
    by_name = (old, pb.Commit(repo=pb.Repo(name="r"), id="master"))
    branch = pb.Branch(repo=pb.Repo(name="r"), name="master")
    by_branch = (Pfs.DeleteBranch, pb.DeleteBranchRequest(branch=branch))
    async with play(version) as client:
        await client.open_commit(await client.repo())
        if version == "1.6.10":
            # the name of a repo in which a message stands
            assert await client.refused(*by_branch) == ("UNKNOWN", "pachyderm_pfs/branches/\n\x01r/  not found")
            await client(*by_name)
        else:
            assert (await client.refused(*by_name))[0] == "INTERNAL"
            await client(*by_branch)
        listed = await client(Pfs.ListBranch, pb.ListBranchRequest(repo=pb.Repo(name="r")))
        assert not listed.branch_info


@pytest.mark.parametrize("version", ["1.4.8", "1.9.9"])
async def test_a_missing_message_loses_the_connection(play: Play, version: str) -> None:
    async with play(version) as client:
        for method in (Pfs.CreateRepo, Pfs.GetFile, Pfs.ListFile, Pfs.ListCommit):
            assert (await client.refused(method, method.request_type()))[0] == "UNAVAILABLE"
        assert (await client.refused(Pfs.PutFile, [pb.PutFileRequest(value=b"x")]))[0] == "UNAVAILABLE"
    async with play("1.9.10") as client:
        assert await client.refused(Pfs.GetFile, pb.GetFileRequest()) == ("UNKNOWN", "file cannot be nil")


@pytest.mark.parametrize(("version", "status"), [("1.4.8", "UNKNOWN"), ("1.5.3", "UNAVAILABLE"), ("1.7.14", "UNKNOWN")])
async def test_not_every_missing_message_kills(play: Play, version: str, status: str) -> None:
    async with play(version) as client:
        nil = await client.refused(Pfs.InspectCommit, pb.InspectCommitRequest())
        assert nil == ("UNKNOWN", "cannot inspect nil commit")
        assert (await client.refused(Pfs.StartCommit, pb.StartCommitRequest()))[0] == status


# ---- writing ----------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.7.1", "1.7.2"])
async def test_one_shot_puts_come_with_1_7_2(play: Play, version: str) -> None:
    async with play(version) as client:
        branch = pb.Commit(repo=await client.repo(), id="master")
        request = pb.PutFileRequest(file=file(branch, "/a"), value=b"x")
        if version == "1.7.1":
            assert "not found" in (await client.refused(Pfs.PutFile, [request]))[1]
        else:
            await client(Pfs.PutFile, [request])
            assert await client.read(branch, "/a") == b"x"


@pytest.mark.parametrize(("version", "files"), [("1.7.5", {"/a": 2}), ("1.7.6", {"/a": 1, "/b": 1})])
async def test_several_files_a_stream_come_with_1_7_6(play: Play, version: str, files: dict[str, int]) -> None:
    async with play(version) as client:
        commit = await client.open_commit(await client.repo())
        await client(Pfs.PutFile, [pb.PutFileRequest(file=file(commit, path), value=b"x") for path in ("/a", "/b")])
        listed = await client(Pfs.GlobFile, pb.GlobFileRequest(commit=commit, pattern="/*"))
        assert {info.file.path: info.size_bytes for info in listed.file_info} == files


@pytest.mark.parametrize(
    ("version", "content"),
    [("1.7.5", b"123"), ("1.7.6", b"213"), ("1.9.12", b"213"), ("1.11.7", b"213"), ("1.11.8", b"123")],
)
async def test_a_file_named_in_every_message_is_scrambled(play: Play, version: str, content: bytes) -> None:
    async with play(version) as client:
        commit = await client.open_commit(await client.repo())
        await client(
            Pfs.PutFile, [pb.PutFileRequest(file=file(commit, "/f"), value=part) for part in (b"1", b"2", b"3")]
        )
        assert await client.read(commit, "/f") == content


async def test_a_put_to_a_finished_commit_is_lost_on_1_4(play: Play) -> None:
    async with play("1.4.1") as client:
        commit = await client.open_commit(await client.repo())
        await client.finish(commit)
        await client.put(commit, "/late", b"x")
        assert (await client.refused(Pfs.GetFile, pb.GetFileRequest(file=file(commit, "/late"))))[0] == "UNKNOWN"
    async with play("1.5.0") as client:
        commit = await client.open_commit(await client.repo())
        await client.finish(commit)
        request = pb.PutFileRequest(file=file(commit, "/late"), value=b"x")
        assert await client.refused(Pfs.PutFile, [request]) == ("UNKNOWN", f"commit {commit.id} is not open")


@pytest.mark.parametrize(("version", "content"), [("1.5.2", b"AB"), ("1.6.0", b"B")])
async def test_overwriting_means_nothing_before_1_6(play: Play, version: str, content: bytes) -> None:
    async with play(version) as client:
        commit = await client.open_commit(await client.repo())
        await client.put(commit, "/f", b"A")
        await client.put(commit, "/f", b"B", overwrite_index=pb.OverwriteIndex())
        assert await client.read(commit, "/f") == content


@pytest.mark.parametrize("version", ["1.9.3", "1.9.4"])
async def test_the_page_of_an_error_is_stored_before_1_9_4(play: Play, version: str) -> None:
    with Website() as website:
        async with play(version) as client:
            commit = await client.open_commit(await client.repo())
            request = pb.PutFileRequest(file=file(commit, "/page"), url=website.url("/none"))
            if version == "1.9.3":
                await client(Pfs.PutFile, [request])
                assert b"404" in await client.read(commit, "/page")
            else:
                assert "404 Not Found" in (await client.refused(Pfs.PutFile, [request]))[1]


async def test_1_5_3_overwrites_by_a_flag_of_the_same_number(play: Play) -> None:
    async with play("1.5.3") as client:
        commit = await client.open_commit(await client.repo())
        await client.put(commit, "/f", b"A")
        request = pb.PutFileRequest(file=file(commit, "/f"), value=b"B", overwrite_index=pb.OverwriteIndex())
        assert (await client.refused(Pfs.PutFile, [request]))[0] == "INTERNAL"
        request.ClearField("overwrite_index")
        # field 10, varint 1
        await client(Pfs.PutFile, [pb.PutFileRequest.FromString(request.SerializeToString() + b"\x50\x01")])
        assert await client.read(commit, "/f") == b"B"


@pytest.mark.parametrize(("version", "status"), [("1.7.9", None), ("1.7.10", "INTERNAL"), ("1.8.0", None)])
async def test_numbers_of_1_7_10_mean_something_else(play: Play, version: str, status: str | None) -> None:
    async with play(version) as client:
        commit = await client.open_commit(await client.repo())
        put = pb.PutFileRequest(file=file(commit, "/f"), value=b"a\nb\n", delimiter=pb.DELIMITER_LINE, header_records=1)
        if status is None:
            await client(Pfs.PutFile, [put])
        else:
            assert (await client.refused(Pfs.PutFile, [put]))[0] == status


@pytest.mark.parametrize(
    ("version", "nothing"), [("1.6.10", None), ("1.7.14", "OUT_OF_RANGE"), ("1.9.12", "UNKNOWN"), ("1.11.9", None)]
)
async def test_a_stream_without_messages(play: Play, version: str, nothing: str | None) -> None:
    async with play(version) as client:
        if nothing is None:
            await client(Pfs.PutFile, [])
        else:
            assert await client.refused(Pfs.PutFile, []) == (nothing, "EOF")


@pytest.mark.parametrize("path", ["", "/", "."])
async def test_a_put_at_the_root_shows_when_the_commit_is_finished(play: Play, path: str) -> None:
    async with play("1.4.8") as client:
        commit = await client.open_commit(await client.repo())
        await client.put(commit, path, b"x")
        _, text = await client.refused(Pfs.FinishCommit, pb.FinishCommitRequest(commit=commit))
        assert text == 'could not put file at ""; a node of type directory is already there'


async def test_what_is_put_above_the_root_is_lost_before_1_7(play: Play) -> None:
    for version, count in (("1.6.10", 0), ("1.7.0", 1)):
        async with play(version) as client:
            commit = await client.open_commit(await client.repo())
            await client.put(commit, "../esc", b"x")
            await client.finish(commit)
            listed = await client(Pfs.GlobFile, pb.GlobFileRequest(commit=commit, pattern="/*"))
            assert len(listed.file_info) == count, version


@pytest.mark.parametrize(
    ("version", "path", "refused"),
    [
        ("1.6.7", "/ü", False),
        ("1.6.8", "/ü", True),
        ("1.7.1", "/a*", False),
        ("1.7.2", "/a*", True),
        ("1.8.8", "/a@", False),
        ("1.9.7", "/a@", False),
        ("1.9.8", "/a@", True),
    ],
)
async def test_paths_that_may_not_be_written(play: Play, version: str, path: str, refused: bool) -> None:
    async with play(version) as client:
        commit = await client.open_commit(await client.repo())
        request = pb.PutFileRequest(file=file(commit, path), value=b"x")
        if refused:
            assert f"path ({path}) invalid" in (await client.refused(Pfs.PutFile, [request]))[1]
        else:
            await client(Pfs.PutFile, [request])


# ---- reading ----------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "size"), [("1.5.3", 10), ("1.6.0", 64 << 20), ("1.7.5", 64 << 20), ("1.7.6", 10)])
async def test_ranges_of_large_files_break(play: Play, version: str, size: int) -> None:
    async with play(version) as client:
        commit = await client.open_commit(await client.repo())
        chunk = b"x" * (16 << 20)
        requests = [pb.PutFileRequest(file=file(commit, "/big"), value=chunk)]
        requests += [pb.PutFileRequest(value=chunk)] * 3
        await client(Pfs.PutFile, requests)
        await client.finish(commit)
        assert len(await client.read(commit, "/big", size_bytes=10)) == size


@pytest.mark.parametrize("version", ["1.9.4", "1.12.4"])
async def test_a_range_in_reverse_order_loses_the_connection(play: Play, version: str) -> None:
    async with play(version) as client:
        commit = await client.open_commit(await client.repo())
        request = pb.GlobFileRequest(commit=commit, pattern="/[b-a]")
        assert (await client.refused(Pfs.GlobFile, request))[0] == "UNAVAILABLE"


async def test_a_negative_offset(play: Play) -> None:
    for version in ("1.5.3", "1.6.0"):
        async with play(version) as client:
            commit = await client.open_commit(await client.repo())
            await client.put(commit, "/f", b"x")
            await client.finish(commit)
            request = pb.GetFileRequest(file=file(commit, "/f"), offset_bytes=-1)
            if version == "1.5.3":
                assert "negative offset" in (await client.refused(Pfs.GetFile, request))[1]
            else:
                assert await client(Pfs.GetFile, request) == []


async def test_finished_output_commits_of_1_8_read_as_empty(play: Play) -> None:
    for version, paths in (("1.7.14", ["out"]), ("1.8.0", []), ("1.9.0", ["/out"])):
        async with play(version) as client:
            source, target = await client.repo("in"), await client.repo("out")
            branch = pb.Branch(repo=target, name="master")
            provenance = [pb.Branch(repo=source, name="master")]
            await client(Pfs.CreateBranch, pb.CreateBranchRequest(branch=branch, provenance=provenance))
            await client.finish(await client.open_commit(source))
            commit = pb.Commit(repo=target, id="master")
            await client.put(commit, "/out", b"x")
            await client.finish(commit)
            listed = await client(Pfs.ListFile, pb.ListFileRequest(file=file(commit, "/")))
            assert [info.file.path for info in listed.file_info] == paths, version


# ---- repos and commits ------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.7.0", "1.13.4"])
async def test_deleting_a_repo_without_a_name_does_nothing(play: Play, version: str) -> None:
    async with play(version) as client:
        repo = await client.repo()
        await client.open_commit(repo)
        await client(Pfs.DeleteRepo, pb.DeleteRepoRequest(repo=pb.Repo()))
        listed = await client(Pfs.ListCommit, pb.ListCommitRequest(repo=repo))
        assert len(listed.commit_info) == 1


@pytest.mark.parametrize("version", ["1.5.3", "1.6.6", "1.6.7", "1.13.4"])
async def test_deleting_a_path_ends_a_collision(play: Play, version: str) -> None:
    async with play(version) as client:
        commit = await client.open_commit(await client.repo())
        await client.put(commit, "/kept", b"x")
        await client.put(commit, "/conf", b"x")
        await client.put(commit, "/conf/x", b"x")
        finish = pb.FinishCommitRequest(commit=commit)
        assert "not a directory" in (await client.refused(Pfs.FinishCommit, finish))[1]
        await client(Pfs.DeleteFile, pb.DeleteFileRequest(file=file(commit, "/conf/x")))
        if version in {"1.5.3", "1.6.6"}:
            assert "not a directory" in (await client.refused(Pfs.FinishCommit, finish))[1]
            return
        await client.finish(commit)
        listed = await client(Pfs.GlobFile, pb.GlobFileRequest(commit=commit, pattern="/**"))
        assert {info.file.path for info in listed.file_info} == {"/kept", "/conf"}


@pytest.mark.parametrize("version", ["1.6.10", "1.7.1", "1.7.2"])
async def test_deleting_all_files_at_once(play: Play, version: str) -> None:
    async with play(version) as client:
        commit = await client.open_commit(await client.repo())
        await client.put(commit, "/f", b"x")
        await client(Pfs.DeleteFile, pb.DeleteFileRequest(file=file(commit, "/")))
        if version != "1.7.2":
            finish = pb.FinishCommitRequest(commit=commit)
            assert (await client.refused(Pfs.FinishCommit, finish))[1] == 'delete discovered orphaned file ""'
        else:
            await client.finish(commit)


@pytest.mark.parametrize(("version", "paths"), [("1.6.10", ["/f"]), ("1.7.0", [])])
async def test_finishing_a_commit_as_empty(play: Play, version: str, paths: list[str]) -> None:
    async with play(version) as client:
        repo = await client.repo()
        commit = await client.open_commit(repo)
        await client.put(commit, "/f", b"x")
        await client.finish(commit)
        child = await client.open_commit(repo)
        await client(Pfs.FinishCommit, pb.FinishCommitRequest(commit=child, empty=True))
        listed = await client(Pfs.GlobFile, pb.GlobFileRequest(commit=child, pattern="/*"))
        assert [info.file.path for info in listed.file_info] == paths


async def test_triggers_that_limit_how_often(play: Play) -> None:
    async with play("1.11.4") as client:
        branch = pb.Branch(repo=await client.repo(), name="b")
        request = pb.CreateBranchRequest(branch=branch, trigger=pb.Trigger(branch="master", cron_spec="@daily"))
        await client(Pfs.CreateBranch, request)
        told = await client(Pfs.InspectBranch, pb.InspectBranchRequest(branch=branch))
        assert told.trigger == request.trigger


@pytest.mark.parametrize(("version", "size"), [("1.8.4", 3), ("1.8.5", 2)])
async def test_the_size_of_a_repo(play: Play, version: str, size: int) -> None:
    async with play(version) as client:
        repo = await client.repo()
        for _ in range(2):
            commit = await client.open_commit(repo)
            await client.put(commit, "/f", b"x")
            await client.finish(commit)
        assert await repo_sizes(client) == {"r": size}


@pytest.mark.parametrize("version", ["1.7.14", "1.8.0"])
async def test_updating_a_repo_that_is_not_there(play: Play, version: str) -> None:
    request = pb.CreateRepoRequest(repo=pb.Repo(name="r"), update=True)
    async with play(version) as client:
        if version == "1.7.14":
            assert "not found" in (await client.refused(Pfs.CreateRepo, request))[1]
        else:
            await client(Pfs.CreateRepo, request)


async def test_inspect_commit_of_1_7_0_waits_for_the_end_or_not_at_all(play: Play) -> None:
    for version in ("1.7.0", "1.7.1"):
        async with play(version) as client:
            commit = await client.open_commit(await client.repo())
            request = pb.InspectCommitRequest(commit=commit, block_state=pb.COMMIT_STATE_READY)
            call = client.start(Pfs.InspectCommit, request)
            if version == "1.7.1":
                assert not (await call).HasField("finished")
            else:
                await client.finish(commit)
                assert (await call).HasField("finished")


async def test_subscribing_without_a_branch(play: Play) -> None:
    async with play("1.8.8") as client:
        request = pb.SubscribeCommitRequest(repo=await client.repo())
        text = "cannot resolve commit with no ID or branch"
        assert await client.refused(Pfs.SubscribeCommit, request) == ("UNKNOWN", text)


@pytest.mark.parametrize(("version", "sent"), [("1.4.8", 1), ("1.8.8", 1), ("1.13.4", 3)])
async def test_subscribing_from_a_commit_that_is_not_there(play: Play, version: str, sent: int) -> None:
    async with play(version) as client:
        repo = await client.repo()
        commits = []
        for _ in range(3):
            commits.append(await client.open_commit(repo))
            await client.finish(commits[-1])
        missing = pb.Commit(repo=repo, id="missing")
        request = pb.SubscribeCommitRequest(repo=repo, branch="master", from_commit=missing)
        call = client.start(Pfs.SubscribeCommit, request)
        assert [(await call.read()).commit.id for _ in range(sent)] == [commit.id for commit in commits[-sent:]]
        call.cancel()


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("1.7.1", "is nil"),
        ("1.7.2", "has no head (create one with start-commit)"),
        ("1.9.0", "has no head (create one with 'start commit')"),
    ],
)
async def test_a_branch_without_a_head(play: Play, version: str, words: str) -> None:
    async with play(version) as client:
        repo = await client.repo()
        await client(Pfs.CreateBranch, pb.CreateBranchRequest(branch=pb.Branch(repo=repo, name="b")))
        request = pb.InspectCommitRequest(commit=pb.Commit(repo=repo, id="b"))
        assert await client.refused(Pfs.InspectCommit, request) == ("UNKNOWN", f'the branch "b" {words}')
