"""python-pachyderm 7.6.0, a peer for 2.x, against the dev server."""

from __future__ import annotations

import io
import sys

import python_pachyderm as pachyderm
from flow import HOST, LARGE, PORT, URL, Flow
from python_pachyderm.pfs import Commit
from python_pachyderm.service import pfs_proto

flow = Flow()
MASTER = Commit(repo="flow", branch="master")


@flow.step
def version(client: pachyderm.Client) -> None:
    assert client.get_remote_version().major == 2


@flow.step
def repos(client: pachyderm.Client) -> None:
    client.create_repo("flow", "first words")
    client.create_repo("flow", "better words", update=True)
    assert client.inspect_repo("flow").description == "better words"
    client.create_repo("gone")
    client.delete_repo("gone")
    assert [info.repo.name for info in client.list_repo()] == ["flow"]


@flow.step
def commits_and_puts(client: pachyderm.Client) -> None:
    with client.commit("flow", "master", description="puts") as commit:
        client.put_file_bytes(commit, "/a", b"one")
        client.put_file_bytes(commit, "/a", b" two", append=True)
        client.put_file_bytes(commit, "/dir/b", b"first")
        client.put_file_bytes(commit, "/dir/b", b"over")
        client.put_file_bytes(commit, "/stream", io.BytesIO(b"line\nline\n"))
    info = next(iter(client.wait_commit(commit.id)))
    assert info.description == "puts"
    assert info.details.size_bytes == len(b"one twooverline\nline\n")
    assert client.get_file(commit, "/a").read() == b"one two"
    assert client.get_file(commit, "/dir/b").read() == b"over"
    assert client.get_file(MASTER, "/stream").read() == b"line\nline\n"


@flow.step
def many_operations_in_one_stream(client: pachyderm.Client) -> None:
    with client.commit("flow", "stream") as commit, client.modify_file_client(commit) as modify:
        for number in range(1, 20):
            modify.put_file_from_bytes(f"/{number}", b"x" * number)
        modify.delete_file("/7")
        modify.put_file_from_url("/page", URL)
    client.wait_commit(commit.id)
    assert len(list(client.list_file(commit, "/"))) == 19
    assert client.get_file(commit, "/page").read() == b"a page"


@flow.step
def large_file(client: pachyderm.Client) -> None:
    with client.commit("flow", "large") as commit:
        client.put_file_bytes(commit, "/large", LARGE)
    client.wait_commit(commit.id)
    assert client.inspect_file(commit, "/large").size_bytes == len(LARGE)
    assert client.get_file(commit, "/large").read() == LARGE


@flow.step
def tar(client: pachyderm.Client) -> None:
    members = client.get_file_tar(MASTER, "/").getmembers()
    assert {member.name.lstrip("/") for member in members if member.isfile()} == {"a", "dir/b", "stream"}


@flow.step
def listings(client: pachyderm.Client) -> None:
    assert [file.file.path for file in client.list_file(MASTER, "/")] == ["/a", "/dir/", "/stream"]
    assert [f.file.path for f in client.walk_file(MASTER, "/")] == ["/", "/a", "/dir/", "/dir/b", "/stream"]
    assert [file.file.path for file in client.glob_file(MASTER, "/*/b")] == ["/dir/b"]
    # The peer looks for an id in the error text, and 2.11 names the commit as it was asked for.
    head = Commit(repo="flow", branch="master", id=client.inspect_branch("flow", "master").head.id)
    assert client.path_exists(head, "/a")
    assert not client.path_exists(head, "/missing")


@flow.step
def branches(client: pachyderm.Client) -> None:
    client.create_branch("flow", "copy", MASTER)
    assert {"master", "copy"} <= {info.branch.name for info in client.list_branch("flow")}
    assert client.inspect_branch("flow", "copy").head.id == client.inspect_branch("flow", "master").head.id
    client.delete_branch("flow", "copy")
    assert "copy" not in {info.branch.name for info in client.list_branch("flow")}


@flow.step
def copy_delete_and_diff(client: pachyderm.Client) -> None:
    old = client.inspect_branch("flow", "master").head
    old_commit = Commit(repo="flow", branch="master", id=old.id)
    with client.commit("flow", "master") as commit:
        client.copy_file(old_commit, "/a", commit, "/copied")
        client.delete_file(commit, "/dir/")
    client.wait_commit(commit.id)
    pairs = list(client.diff_file(commit, "/", old_commit, "/"))
    assert "/copied" in {pair.new_file.file.path for pair in pairs}
    assert "/dir/b" in {pair.old_file.file.path for pair in pairs}


@flow.step
def subscribe_and_list(client: pachyderm.Client) -> None:
    seen = client.subscribe_commit("flow", "master", state=pfs_proto.CommitState.FINISHED)
    first, second = next(seen).commit.id, next(seen).commit.id
    assert [info.commit.id for info in client.list_commit("flow", to_commit=MASTER)] == [second, first]


@flow.step
def provenance(client: pachyderm.Client) -> None:
    client.create_repo("output")
    source = pfs_proto.Branch(repo=client.inspect_repo("flow").repo, name="input")
    with client.commit("flow", "input"):
        pass
    client.create_branch("output", "master", provenance=[source])
    with client.commit("flow", "input") as commit:
        client.put_file_bytes(commit, "/in", b"in")
    for info in client.list_commit("output", all=True):
        if not info.HasField("finishing"):
            client.finish_commit(info.commit)
    done = (info.commit for info in client.wait_commit(commit.id))
    # up to 2.5 the repo of a commit stands in its branch
    assert {each.repo.name or each.branch.repo.name for each in done} == {"flow", "output"}


@flow.step
def drop(client: pachyderm.Client) -> None:
    commit = client.start_commit("flow", "master")
    client.drop_commit(commit.id)
    assert commit.id not in {info.commit.id for info in client.list_commit("flow")}


@flow.step
def transaction(client: pachyderm.Client) -> None:
    with client.transaction():
        client.create_repo("one")
        client.create_repo("two")
    assert {"one", "two"} <= {info.repo.name for info in client.list_repo()}


@flow.step
def everything_goes(client: pachyderm.Client) -> None:
    client.delete_repo("output", force=True)
    for info in client.list_repo():
        client.delete_repo(info.repo.name)
    assert list(client.list_repo()) == []


if __name__ == "__main__":
    sys.exit(flow.run(pachyderm.Client(host=HOST, port=int(PORT))))
