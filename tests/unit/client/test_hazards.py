"""What corrupts or kills real servers is never sent to them.

Hazards 1 to 11 are those found on 1.x servers, 12 to 17 those of 2.x, 18 to 21 those that could not even be recorded,
as they break the server. Each test runs the whole client against a real gRPC server that notes what it is sent.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BytesValue

from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client import (
    Commit,
    CommitFinished,
    CommitNotFound,
    CommitState,
    FileSetType,
    InvalidReference,
    InvalidRequest,
    NotFound,
    PachydermError,
    PathConflict,
    PfsClient,
    Repo,
    Unsupported,
    Version,
)
from airflow_provider_pachyderm.client._capabilities import Capabilities, Feature
from tests.support.web import Website
from tests.unit.client.recorder import ID, OTHER, KnownFields, Recorder, open_commit_v1, open_commit_v2

MIB = 2**20
# one or more of each family, and those next to where something changes
V1 = (
    *("1.4.0", "1.4.7", "1.4.8", "1.5.0", "1.5.3", "1.6.0", "1.6.2", "1.6.4", "1.6.6", "1.6.10"),
    *("1.7.0", "1.7.1", "1.7.2", "1.7.6", "1.7.10", "1.7.14", "1.8.0", "1.8.8"),
    *("1.9.0", "1.9.4", "1.9.12", "1.11.0", "1.11.9", "1.13.4"),
)
V2 = ("2.0.0", "2.3.9", "2.4.6", "2.5.0", "2.5.9", "2.6.0", "2.8.10", "2.11.6", "2.12.0")
Serve = Callable[[str], tuple[Recorder, PfsClient]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server of a version, with an open commit, and a client of it that need not ask for the version."""
    with contextlib.ExitStack() as stack:

        def start(version: str) -> tuple[Recorder, PfsClient]:
            recorder = Recorder(version)
            (open_commit_v1 if version.startswith("1.") else open_commit_v2)(recorder)
            address = stack.enter_context(recorder.running())
            return recorder, stack.enter_context(PfsClient(address, version=version))

        yield start


# 1.x


@pytest.mark.parametrize("version", ["1.4.0", "1.4.8"])
def test_hazard_01_no_put_to_a_finished_commit_on_1_4(serve: Serve, version: str) -> None:
    """It answers OK, and the data are gone."""
    recorder, client = serve(version)
    open_commit_v1(recorder, finished=True)
    with pytest.raises(CommitFinished):
        client.put_file_bytes(("repo", ID), "/a", b"lost")
    assert "PutFile" not in recorder.names()
    # the head of a branch is no better: a commit of its own is started for it
    client.put_file_bytes("repo/master", "/a", b"kept", append=True)
    assert [messages[0].file.commit.id for messages in recorder.messages("PutFile")] == [OTHER]
    assert [messages[0].commit.id for messages in recorder.messages("FinishCommit")] == [OTHER]


@pytest.mark.parametrize("version", V1)
def test_hazard_02_file_is_set_on_the_first_chunk_only(serve: Serve, version: str) -> None:
    """Repeated, it scrambles the content."""
    recorder, client = serve(version)
    client.put_file_bytes(("repo", ID), "/a", bytes(5 * MIB))
    ((first, *rest),) = recorder.messages("PutFile")
    assert first.file.path == "/a"
    assert rest
    for message in rest:
        assert [field.name for field, _ in message.ListFields()] == ["value"]


@pytest.mark.parametrize("version", V1)
def test_hazard_03_one_file_a_stream_before_1_7_6(serve: Serve, version: str, tmp_path: Path) -> None:
    """All of a stream goes into its first file there. From 1.7.6 on a stream is of one commit."""
    recorder, client = serve(version)
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(name.encode())
    client.put_files(("repo", ID), tmp_path)
    streams = recorder.messages("PutFile")
    files = [[message.file.path for message in stream if message.HasField("file")] for stream in streams]
    alone = tuple(map(int, version.split("."))) < (1, 7, 6)
    assert files == ([["/a"], ["/b"]] if alone else [["/a", "/b"]])
    assert {message.file.commit.id for stream in streams for message in stream if message.HasField("file")} == {ID}


def use_everything(client: PfsClient, folder: Path) -> None:
    """Make every call there is in every form that matters on the wire; what the server refuses is refused."""
    (folder / "x").write_bytes(b"x")
    commit = f"repo@master={ID}"
    attempts: list[Callable[[], object]] = [
        lambda: client.create_repo("repo", "words"),
        lambda: client.create_repo("repo", "words", update=True),
        lambda: client.inspect_repo("repo"),
        lambda: client.list_repo(),
        lambda: client.delete_repo("repo", force=True),
        lambda: client.delete_repo(all=True),
        lambda: client.start_commit("repo", "master", description="words"),
        lambda: client.start_commit("repo", "master", ID),
        lambda: client.finish_commit(commit, description="words"),
        lambda: client.finish_commit(commit, error="words"),
        lambda: client.drop_commit(commit),
        lambda: client.delete_commit(commit),
        lambda: client.inspect_commit(("repo", ID)),
        lambda: client.inspect_commit("repo/master", wait=CommitState.FINISHING, timeout=0.1),
        lambda: client.inspect_commit("repo/master^"),
        lambda: client.wait_commit(commit, timeout=0.1),
        lambda: client.flush_commit(commit, timeout=0.1),
        lambda: list(client.list_commit("repo", number=3)),
        lambda: list(client.list_commit("repo", "master", ID, number=3)),
        lambda: list(client.subscribe_commit("repo", "master", ID)),
        lambda: list(client.subscribe_commit("repo", "master", state=CommitState.OPEN)),
        lambda: client.create_branch("repo", "b", commit),
        lambda: client.create_branch("repo", "b", provenance=["other@master"]),
        lambda: client.set_branch(commit, "b"),
        lambda: client.inspect_branch("repo", "b"),
        lambda: client.list_branch("repo"),
        lambda: client.delete_branch("repo", "b", force=True),
        lambda: client.put_file_bytes(commit, "/a", b"x"),
        lambda: client.put_file_bytes(commit, "/a", b"x", append=True),
        lambda: client.put_file_bytes("repo/master", "/a", b"x"),
        *(
            lambda delimiter=delimiter: client.put_file_bytes(commit, "/a", b"x", delimiter, 1, 1)
            for delimiter in ("json", "line", "sql", "csv")
        ),
        lambda: client.put_file_url(commit, "/a", "s3://bucket/x"),
        lambda: client.put_file_url(commit, "/a", "s3://bucket/x", recursive=True),
        lambda: client.put_files(commit, folder, "/d"),
        lambda: client.copy_file(commit, "/a", commit, "/b"),
        lambda: client.copy_file(commit, "/a", "repo/master", "/b"),
        lambda: client.delete_file(commit, "/a"),
        lambda: client.delete_file("repo/master", "/a"),
        lambda: client.get_file(commit, "/a", 1, 2),
        lambda: client.get_files(commit, "/a"),
        lambda: client.get_files("repo/master", "/", recursive=True),
        lambda: client.inspect_file(commit, "/a"),
        lambda: list(client.list_file(commit, "/dir")),
        lambda: list(client.list_file("repo/master", "/")),
        lambda: list(client.walk_file(commit, "/")),
        lambda: list(client.glob_file(commit, "/*")),
        lambda: list(client.diff_file(commit, "/dir", shallow=True)),
        lambda: list(client.diff_file(commit, "/dir", "repo/master", "/dir")),
        lambda: make_file_set(client, commit),
        lambda: client.get_file_set(commit),
        lambda: client.get_file_set(commit, type=FileSetType.DIFF),
        lambda: client.add_file_set(commit, ID),
        lambda: client.renew_file_set(ID, timedelta(minutes=1)),
        lambda: client.compose_file_set([ID, OTHER], timedelta(minutes=1), compact=True),
        lambda: client.shard_file_set(ID),
        lambda: client.shard_file_set(ID, number_of_files=1, size_bytes=1),
        lambda: client.delete_all(),
    ]
    for attempt in attempts:
        with contextlib.suppress(PachydermError):
            attempt()


def make_file_set(client: PfsClient, commit: str) -> None:
    with client.create_file_set() as changes:
        changes.put("/a", b"x")
        changes.put_url("/b", "s3://bucket/x")
        changes.copy(commit, "/a", "/c")
        changes.delete("/d")


def parts(message: Message) -> Iterator[Message]:
    """A message and all in it."""
    yield message
    for _, value in message.ListFields():
        inner = value if not isinstance(value, Message) and hasattr(value, "__iter__") else [value]
        for each in inner:
            if isinstance(each, Message):
                yield from parts(each)


@pytest.mark.parametrize("version", (*V1, *V2))
def test_hazard_04_no_field_that_the_server_does_not_know(serve: Serve, version: str, tmp_path: Path) -> None:
    """It is ignored in silence, kept for ever or, where its number meant something else, an error."""
    recorder, client = serve(version)
    use_everything(client, tmp_path)
    known = KnownFields("v1" if version.startswith("1.") else "v2")
    sent = [message for _, messages in recorder.sent for message in messages]
    assert [field for message in sent for field in known.unknown(message, recorder.number)] == []
    assert len(set(recorder.names())) > 15


def test_hazard_04_what_versions_know_is_read_from_the_contract() -> None:
    """The check above would find what it is there for."""
    known = KnownFields("v1")
    put = v1.PutFileRequest(overwrite_index=v1.OverwriteIndex(), delete=True)
    started = v1.StartCommitRequest(description="x")
    recorder = [list(known.unknown(put, Recorder(version).number)) for version in ("1.5.3", "1.7.14", "1.13.4")]
    assert [[field.split(" ")[0] for field in fields] for fields in recorder] == [
        ["PutFileRequest.overwrite_index", "PutFileRequest.delete"],
        ["PutFileRequest.delete"],
        [],
    ]
    assert list(known.unknown(started, Recorder("1.6.5").number)) == ["StartCommitRequest.description (1.6.6+)"]
    project = v2.Repo(name="r", project=v2.Project(name="p"))
    assert list(KnownFields("v2").unknown(v2.Commit(repo=project), Recorder("2.5.0").number)) == [
        "Commit.repo (2.6.0+)"
    ]


@pytest.mark.parametrize("version", ["1.6.10", "1.7.14", "1.13.4"])
def test_hazard_05_the_only_overwrite_index_is_zero(serve: Serve, version: str) -> None:
    """A negative one kills the server at each read."""
    recorder, client = serve(version)
    client.put_file_bytes(("repo", ID), "/a", b"x")
    ((message,),) = recorder.messages("PutFile")
    assert message.HasField("overwrite_index")
    assert message.overwrite_index.index == 0


@pytest.mark.parametrize("version", V1)
def test_hazard_06_no_message_is_missing(serve: Serve, version: str, tmp_path: Path) -> None:
    """A missing one kills servers before 1.9.10."""
    recorder, client = serve(version)
    use_everything(client, tmp_path)
    subjects = ("repo", "commit", "file", "branch", "parent", "commits", "src", "new_file")
    for name, messages in recorder.sent:
        if name not in ("ListRepo", "DeleteAll") and not getattr(messages[0], "all", False):
            assert {field.name for field, _ in messages[0].ListFields()} & set(subjects), name
        for part in (part for message in messages for part in parts(message)):
            if isinstance(part, v1.File):
                assert part.HasField("commit"), name
            if isinstance(part, (v1.Commit, v1.Branch)):
                assert part.repo.name, name


@pytest.mark.parametrize("version", ["1.4.8", "1.7.14", "1.13.4"])
@pytest.mark.parametrize("path", ["", "/", ".", "/.", "/..", "..", "/a/../b"])
def test_hazard_07_no_path_that_no_commit_can_be_finished_with(serve: Serve, version: str, path: str) -> None:
    recorder, client = serve(version)
    with pytest.raises(InvalidRequest):
        client.put_file_bytes(("repo", ID), path, b"x")
    assert recorder.sent == []


@pytest.mark.parametrize("version", ["1.4.8", "1.7.14", "1.13.4"])
def test_hazard_07_a_commit_with_a_conflict_is_dropped(serve: Serve, version: str) -> None:
    """It would stay open for ever, and its branch with it."""
    recorder, client = serve(version)
    recorder.answers["FinishCommit"] = 'attempted to visit "/a/b", but it\'s not a directory'
    with pytest.raises(PathConflict), client.commit("repo", "master"):
        recorder.answers["DeleteCommit"] = lambda request: recorder.answers.update(InspectCommit="commit x not found")
    assert [messages[0].commit.id for messages in recorder.messages("DeleteCommit")] == [OTHER]


@pytest.mark.parametrize("version", ["1.6.0", "1.6.10", "1.7.5"])
@pytest.mark.parametrize(("offset", "size"), [(0, 10), (30, 10), (30, 0), (95, 10), (200, 5)])
def test_hazard_08_parts_of_files_are_cut_from_the_whole(serve: Serve, version: str, offset: int, size: int) -> None:
    """Asked for a part of a large file, these servers send another one."""
    recorder, client = serve(version)
    content = bytes(range(100))
    recorder.answers["GetFile"] = [BytesValue(value=content[start : start + 7]) for start in range(0, 100, 7)]
    with client.get_file(("repo", ID), "/a", offset, size) as reader:
        assert reader.read() == (content[offset : offset + size] if size else content[offset:])
    # where nothing is wanted, the call may end before it begins
    for (request,) in recorder.messages("GetFile"):
        assert (request.offset_bytes, request.size_bytes) == (0, 0)


@pytest.mark.parametrize("version", ["1.5.3", "1.7.6", "1.13.4"])
def test_hazard_08_other_servers_are_asked_for_the_part(serve: Serve, version: str) -> None:
    recorder, client = serve(version)
    recorder.answers["GetFile"] = [BytesValue(value=b"0123456789")]
    with client.get_file(("repo", ID), "/a", 30, 10) as reader:
        assert reader.read() == b"0123456789"
    ((request,),) = recorder.messages("GetFile")
    assert (request.offset_bytes, request.size_bytes) == (30, 10)


@pytest.mark.parametrize("version", ["1.4.8", "1.7.14", "1.9.3"])
def test_hazard_09_no_error_page_is_stored_as_the_file(serve: Serve, version: str) -> None:
    recorder, client = serve(version)
    with Website() as website:
        with pytest.raises(InvalidRequest, match="404"):
            client.put_file_url(("repo", ID), "/a", website.url("/missing"))
        assert "PutFile" not in recorder.names()
        client.put_file_url(("repo", ID), "/a", website.add("/there", b"content"))
    ((message,),) = recorder.messages("PutFile")
    assert (message.value, message.url) == (b"content", "")


@pytest.mark.parametrize("version", (*V1, "2.3.9", "2.11.6"))
@pytest.mark.parametrize("nothing", [b"", [], io.BytesIO()], ids=["bytes", "list", "file"])
def test_hazard_10_an_empty_file_is_sent_as_one_message(serve: Serve, version: str, nothing: Any) -> None:
    """A stream without any is an error on some and nothing on others."""
    recorder, client = serve(version)
    client.put_file_bytes(("repo", ID), "/a", nothing, append=True)
    if version.startswith("1."):
        ((message,),) = recorder.messages("PutFile")
        assert message.file.path == "/a"
    else:
        ((_, message),) = recorder.messages("ModifyFile")
        assert message.add_file.path == "/a"
        assert message.add_file.WhichOneof("source") == "raw"


@pytest.mark.parametrize("version", ["1.9.0", "1.9.12"])
def test_hazard_11_the_client_counts_commits_for_1_9(serve: Serve, version: str) -> None:
    """There, a number without a commit to begin with fails with "BREAK"."""
    recorder, client = serve(version)
    recorder.answers["ListCommitStream"] = [v1.CommitInfo(commit=v1.Commit(id=id * 32)) for id in "abc"]
    assert [info.commit.id[0] for info in client.list_commit("repo", number=2)] == ["a", "b"]
    list(client.list_commit("repo", "master", number=2))
    assert [messages[0].number for messages in recorder.messages("ListCommitStream")] == [0, 2]


# 2.x


@pytest.mark.parametrize("version", ["1.4.8", "1.13.4", "2.3.9", "2.11.6"])
def test_hazard_12_no_negative_offset(serve: Serve, version: str) -> None:
    """It can kill all of pachd, or give bytes of another file."""
    recorder, client = serve(version)
    for offset, size in ((-1, 0), (0, -1)):
        with pytest.raises(InvalidRequest):
            client.get_file(("repo", ID), "/a", offset, size)
    with pytest.raises(InvalidRequest):
        client.list_commit("repo", number=-1)
    assert recorder.sent == []


@pytest.mark.parametrize("version", V2)
def test_hazard_13_no_commit_without_branch(serve: Serve, version: str, tmp_path: Path) -> None:
    """It kills 2.3.9, and others in ModifyFile and CopyFile."""
    recorder, client = serve(version)
    use_everything(client, tmp_path)
    for name, messages in recorder.sent:
        for part in (part for message in messages for part in parts(message)):
            if isinstance(part, v2.Commit):
                assert part.branch.repo.name, name
            if isinstance(part, v2.Repo):
                assert (part.type, bool(part.name)) == ("user", True), name
            if isinstance(part, v2.File):
                assert part.HasField("commit"), name


@pytest.mark.parametrize("version", V2)
def test_hazard_14_a_directory_is_deleted_in_both_spellings(serve: Serve, version: str) -> None:
    """Without the slash it has no effect on directories, with it none on files."""
    recorder, client = serve(version)
    client.delete_file(("repo", ID), "/d")
    ((_, *deletes),) = recorder.messages("ModifyFile")
    assert [message.delete_file.path for message in deletes] == ["/d", "/d/"]


@pytest.mark.parametrize("version", V2)
def test_hazard_15_a_put_replaces_what_is_there(serve: Serve, version: str) -> None:
    """2.x only appends."""
    recorder, client = serve(version)
    client.put_file_bytes(("repo", ID), "/a", b"x")
    client.put_file_bytes(("repo", ID), "/a", b"x", append=True)
    kinds = [[message.WhichOneof("body") for message in stream] for stream in recorder.messages("ModifyFile")]
    assert kinds == [["set_commit", "delete_file", "add_file"], ["set_commit", "add_file"]]


@pytest.mark.parametrize("version", ["1.4.8", "1.13.4", "2.3.9", "2.11.6"])
def test_hazard_16_no_message_above_20_mib(serve: Serve, version: str) -> None:
    recorder, client = serve(version)
    client.put_file_bytes(("repo", ID), "/a", bytes(21 * MIB))
    sizes = [message.ByteSize() for _, messages in recorder.sent for message in messages]
    assert sum(sizes) > 21 * MIB
    assert max(sizes) < 4 * MIB


@pytest.mark.parametrize("version", V2)
def test_hazard_17_a_write_by_id_never_lands_on_the_branch(serve: Serve, version: str) -> None:
    """An id that does not exist, with a branch, is taken for the branch; from 2.6 on, without one it is refused."""
    recorder, client = serve(version)
    gone = Commit(Repo("repo"), "master", OTHER)
    if Feature.WRITES_BY_ID in Capabilities(Version.parse(version)):
        client.put_file_bytes(gone, "/a", b"x")
        ((opening, *_),) = recorder.messages("ModifyFile")
        assert (opening.set_commit.id, opening.set_commit.branch.name) == (OTHER, "")
        return
    # the server may also answer for another commit that it finds by that id
    for answer in ("commit repo@master=x not found", v2.CommitInfo(commit=v2.Commit(id=ID))):
        recorder.answers["InspectCommit"] = answer
        for write in (
            lambda: client.put_file_bytes(gone, "/a", b"x"),
            lambda: client.delete_file(gone, "/a"),
            lambda: client.copy_file("repo/master", "/a", gone, "/b"),
        ):
            with pytest.raises(NotFound):
                write()
    assert "ModifyFile" not in recorder.names()


# what is not in the recordings, as it breaks the server


@pytest.mark.parametrize("version", ["1.4.8", "1.7.14", "1.13.4", "2.11.6"])
@pytest.mark.parametrize("name", ["", "/", "project/"])
def test_hazard_18_no_empty_name(serve: Serve, version: str, name: str) -> None:
    """DeleteRepo with one empties every repo on 1.7 to 1.13."""
    recorder, client = serve(version)
    with pytest.raises(InvalidReference):
        client.delete_repo(name)
    with pytest.raises(InvalidReference):
        client.delete_repo(Repo(""))
    assert recorder.sent == []


@pytest.mark.parametrize("version", ["1.9.12", "1.11.9", "2.11.6"])
@pytest.mark.parametrize("pattern", ["/[b-a]", "/x/[!9-0]*", "/[^z-a]", "/[a-cz-x]"])
def test_hazard_19_no_reversed_range_in_a_pattern(serve: Serve, version: str, pattern: str) -> None:
    """It kills 1.9 and 1.11."""
    recorder, client = serve(version)
    with pytest.raises(InvalidRequest, match="reversed"):
        client.glob_file("repo/master", pattern)
    assert recorder.sent == []
    for good in ("/[a-b]", "/[a-a]", "/[ba]", r"/\[b-a]", "/b-a"):
        client.glob_file("repo/master", good)


@pytest.mark.parametrize("version", ["1.7.14", "1.13.4"])
def test_hazard_20_no_circle_of_repos(serve: Serve, version: str) -> None:
    """It is accepted, and nothing can be deleted afterwards."""
    recorder, client = serve(version)
    upstream = v1.Branch(repo=v1.Repo(name="in"), name="master")
    made = v1.BranchInfo(branch=v1.Branch(repo=v1.Repo(name="out"), name="master"), provenance=[upstream])
    recorder.answers["ListBranch"] = v1.BranchInfos(branch_info=[made])
    with pytest.raises(PachydermError, match="circle"):
        client.create_branch("in", "other", provenance=["out@another"])
    assert "CreateBranch" not in recorder.names()
    client.create_branch("third", "master", provenance=["out@master"])
    assert recorder.names().count("CreateBranch") == 1


@pytest.mark.parametrize("version", ["1.4.8", "1.7.14", "1.13.4", "2.3.9", "2.11.6"])
def test_hazard_21_a_subscription_after_a_commit_that_is_gone_sends_nothing_old(serve: Serve, version: str) -> None:
    """Servers ignore a cursor that they do not know, or send its ancestors again."""
    recorder, client = serve(version)
    pfs: Any = v1 if version.startswith("1.") else v2
    infos = [pfs.CommitInfo(commit=pfs.Commit(id=letter * 32)) for letter in "abcd"]
    for info in infos:
        info.finished.GetCurrentTime()
    old, new = infos[:3], infos[3]
    listing = pfs.CommitInfos(commit_info=old) if version == "1.4.8" else old
    recorder.answers.update(ListCommit=listing, ListCommitStream=old, SubscribeCommit=infos)
    recorder.answers["InspectCommit"] = f"commit {OTHER} not found in repo repo"
    with client.subscribe_commit("repo", "master", OTHER) as stream:
        assert next(stream).commit.id == new.commit.id
    ((request,),) = recorder.messages("SubscribeCommit")
    assert not request.HasField("from_commit")


# versions


@pytest.mark.parametrize("version", ["1.4.8", "2.11.6"])
def test_a_pinned_version_is_not_asked_for(serve: Serve, version: str) -> None:
    recorder, client = serve(version)
    assert str(client.version()) == version
    client.inspect_commit("repo/master")
    assert "GetVersion" not in recorder.calls


def test_what_a_version_cannot_do_is_refused_with_the_reason(serve: Serve) -> None:
    recorder, client = serve("1.4.6")
    for attempt, reason in (
        (lambda: client.drop_commit(("repo", ID)), "1.4.7"),
        (lambda: client.create_branch("repo", "b"), "1.7.0"),
        (lambda: client.glob_file("repo/master", "/{a,b}"), "1.6.0"),
        (lambda: client.glob_file("repo/master", "/@(a|b)"), "1.9.8"),
        (lambda: client.inspect_commit("repo/master^"), "1.6.0"),
        (lambda: client.inspect_commit("repo/master.1"), "1.9.0"),
        (lambda: client.subscribe_commit("repo", "master", state=CommitState.OPEN), "1.7.0"),
        (lambda: client.diff_file(("repo", ID), "/"), "1.4.8"),
    ):
        with pytest.raises(Unsupported, match=reason) as caught:
            attempt()
        assert "1.4.6" in str(caught.value)
    assert set(recorder.names()) <= {"InspectRepo", "InspectCommit", "InspectFile"}
    with pytest.raises(Unsupported, match=r"1\.9\.0"):
        serve("1.8.8")[1].inspect_commit("repo/master.1")
    with pytest.raises(CommitNotFound):
        recorder.answers["InspectCommit"] = f"commit {OTHER} not found in repo repo"
        client.inspect_commit(("repo", OTHER))
