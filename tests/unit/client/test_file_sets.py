"""Plans for file sets, and what the streams that make them are made of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client import (
    Commit,
    CommitInfo,
    CommitNotFound,
    CommitState,
    FileInfo,
    FileNotFound,
    FileSetType,
    FileType,
    InvalidReference,
    InvalidRequest,
    PathRange,
    PfsClient,
    Repo,
    Unsupported,
    Version,
)
from airflow_provider_pachyderm.client._changes import Copy, Delete, Put, PutUrl
from airflow_provider_pachyderm.client._dialects.choose import choose
from airflow_provider_pachyderm.client._dialects.uploads import Changes
from tests.unit.client.recorder import ID, OTHER, Recorder, open_commit_v2
from tests.unit.client.test_plans import BY_BRANCH, BY_ID, KNOWN, Played

V1, V2 = choose(Version(1, 13, 4)), choose(Version(2, 11, 6))
FINISHED = CommitInfo(KNOWN, CommitState.FINISHED)


def messages(changes: Changes) -> list[tuple[str | None, str]]:
    """What is sent before the content of each file: kind and path."""
    found = [v2.ModifyFileRequest.FromString(frame) for part in changes.parts for frame in part.frames]
    return [
        (each.WhichOneof("body"), each.delete_file.path or each.add_file.path or each.copy_file.dst) for each in found
    ]


def test_what_is_put_replaces_what_there_will_be() -> None:
    changes = Played(V2.file_sets.create([Put("/a", b"a"), Put("/b", b"b", append=True), Delete("/d")])).result
    assert changes.upload.method.name == "CreateFileSet"
    assert list(changes.upload.opening()) == []
    assert messages(changes) == [("delete_file", "/a"), ("delete_file", "/d"), ("delete_file", "/d/")]
    assert not changes.upload.waits
    assert changes.upload.read(v2.CreateFileSetResponse(file_set_id=ID)) == ID


def test_what_is_copied_is_looked_for() -> None:
    copy = Copy(BY_BRANCH, "/a", "/b")
    found = (FINISHED, FileInfo(KNOWN, "/a", FileType.FILE))
    played = Played(V2.file_sets.create([copy, PutUrl("/page", "http://h/")]), *found)
    assert played.calls == ["InspectCommit", "InspectFile"]
    assert messages(played.result) == [("copy_file", "/b"), ("delete_file", "/page"), ("add_file", "/page")]
    assert played.result.upload.waits
    with pytest.raises(FileNotFound):
        Played(V2.file_sets.create([copy]), FINISHED, FileNotFound("no"))


def test_what_a_commit_changed_is_asked_for_by_its_id() -> None:
    total = Played(V2.file_sets.get(BY_BRANCH, FileSetType.TOTAL), ID)
    assert (total.calls, total.result) == (["GetFileSet"], ID)
    diff = Played(V2.file_sets.get(BY_BRANCH, FileSetType.DIFF), FINISHED, ID)
    assert diff.calls == ["InspectCommit", "GetFileSet"]
    request: Any = diff.steps[1].request  # type: ignore[union-attr]
    assert (request.commit.id, request.type) == (ID, v2.GetFileSetRequest.FILE_SET_TYPE_DIFF)
    with pytest.raises(CommitNotFound):
        Played(V2.file_sets.get(Commit(Repo("repo"), id=OTHER), FileSetType.DIFF), FINISHED)
    with pytest.raises(Unsupported, match="diff_file"):
        next(choose(Version(2, 8, 10)).file_sets.get(BY_ID, FileSetType.DIFF))


@pytest.mark.parametrize(("version", "compact"), [((2, 3, 9), False), ((2, 4, 0), True)])
def test_the_server_takes_its_time_to_make_one_layer(version: tuple[int, int, int], compact: bool) -> None:
    call: Any = next(choose(Version(*version)).file_sets.compose([ID, OTHER], 60, compact=True))
    assert (call.request.compact, call.waits) == (compact, compact)
    assert (list(call.request.file_set_ids), call.request.ttl_seconds) == ([ID, OTHER], 60)
    lasting: Any = next(V2.file_sets.compose([ID], 60, compact=False))
    assert not lasting.waits


def test_shards_are_ranges_of_paths() -> None:
    call: Any = next(V2.file_sets.shard(ID, 2, 0))
    assert (call.request.num_files, call.request.size_bytes) == (2, 0)
    shards = [v2.PathRange(upper="/b"), v2.PathRange(lower="/b")]
    assert call.read(v2.ShardFileSetResponse(shards=shards)) == [PathRange("", "/b"), PathRange("/b", "")]


def test_older_servers_shard_as_they_like_or_not_at_all() -> None:
    for version, files, reason in (((2, 3, 9), 0, "2.4.0"), ((2, 8, 10), 1, "2.9.0")):
        with pytest.raises(Unsupported, match=f"needs Pachyderm {reason}"):
            choose(Version(*version)).file_sets.shard(ID, files, 0)
    assert Played(choose(Version(2, 8, 10)).file_sets.shard(ID, 0, 0), []).calls == ["ShardFileSet"]


def test_1x_servers_have_none() -> None:
    for attempt in (
        lambda: V1.file_sets.create([]),
        lambda: V1.file_sets.get(BY_ID, FileSetType.TOTAL),
        lambda: V1.file_sets.add(BY_ID, ID),
        lambda: V1.file_sets.renew(ID, 60),
        lambda: V1.file_sets.compose([ID], 60, compact=False),
        lambda: V1.file_sets.shard(ID, 0, 0),
    ):
        with pytest.raises(Unsupported, match="a file set needs"):
            attempt()


def test_parts_of_a_second_are_a_whole_one() -> None:
    recorder = Recorder("2.11.6")
    open_commit_v2(recorder)
    recorder.answers["ComposeFileSet"] = v2.CreateFileSetResponse(file_set_id=OTHER)
    with recorder.running() as address, PfsClient(address, version="2.11.6") as client:
        client.renew_file_set(ID, timedelta(seconds=1.2))
        assert client.compose_file_set(iter([ID, f"{ID}.{OTHER}"]), timedelta(minutes=2)) == OTHER
        for refused in (timedelta(0), 60):
            with pytest.raises(InvalidRequest, match="ttl must be"):
                client.renew_file_set(ID, refused)  # type: ignore[arg-type]
        with pytest.raises(InvalidReference):
            client.add_file_set("repo@master", "repo@master")
    ((renewed,),) = recorder.messages("RenewFileSet")
    ((composed,),) = recorder.messages("ComposeFileSet")
    assert (renewed.ttl_seconds, composed.ttl_seconds) == (2, 120)
    assert list(composed.file_set_ids) == [ID, f"{ID}.{OTHER}"]
