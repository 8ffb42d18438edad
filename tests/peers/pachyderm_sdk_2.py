"""pachyderm-sdk 2.12.2, the other peer for 2.x, against the dev server."""

from __future__ import annotations

import io
import sys

from flow import HOST, LARGE, PORT, URL, Flow
from pachyderm_sdk import Client
from pachyderm_sdk.api import pfs

flow = Flow()
REPO = pfs.Repo.from_uri("default/flow")
MASTER = pfs.Commit(branch=pfs.Branch.from_uri("default/flow@master"), repo=REPO)


def file_at(path: str) -> pfs.File:
    return pfs.File(commit=MASTER, path=path)


@flow.step
def version(client: Client) -> None:
    assert client.get_version().major == 2


@flow.step
def projects_and_repos(client: Client) -> None:
    client.pfs.create_project(project=pfs.Project(name="side"), description="beside the default")
    assert {"default", "side"} <= {info.project.name for info in client.pfs.list_project()}
    client.pfs.create_repo(repo=REPO, description="words")
    assert client.pfs.inspect_repo(repo=REPO).description == "words"
    assert client.pfs.repo_exists(REPO)
    assert not client.pfs.repo_exists(pfs.Repo.from_uri("default/missing"))
    client.pfs.create_repo(repo=pfs.Repo.from_uri("side/flow"))
    in_side = client.pfs.list_repo(type="user", projects=[pfs.Project(name="side")])
    assert [info.repo.name for info in in_side] == ["flow"]


@flow.step
def commits_and_puts(client: Client) -> None:
    with client.pfs.commit(branch=MASTER.branch, description="puts") as commit:
        commit.put_file_from_bytes(path="/a", data=b"one")
        commit.put_file_from_bytes(path="/a", data=b" two", append=True)
        commit.put_file_from_bytes(path="/dir/b", data=b"first")
        commit.put_file_from_bytes(path="/dir/b", data=b"over")
        commit.put_file_from_file(path="/stream", file=io.BytesIO(b"line\nline\n"))
        commit.put_file_from_url(path="/page", url=URL)
    assert commit.wait().description == "puts"
    with client.pfs.pfs_file(file_at("/a")) as file:
        assert file.read() == b"one two"
    with client.pfs.pfs_file(file_at("/dir/b")) as file:
        assert file.read() == b"over"
    with client.pfs.pfs_file(file_at("/stream")) as file:
        assert list(file) == [b"line\n", b"line\n"]
    with client.pfs.pfs_file(file_at("/page")) as file:
        assert file.read() == b"a page"


@flow.step
def large_file(client: Client) -> None:
    branch = pfs.Branch.from_uri("default/flow@large")
    with client.pfs.commit(branch=branch) as commit:
        commit.put_file_from_bytes(path="/large", data=LARGE)
    commit.wait()
    large = pfs.File(commit=pfs.Commit(branch=branch, id=commit.id, repo=REPO), path="/large")
    assert client.pfs.inspect_file(file=large).size_bytes == len(LARGE)
    assert b"".join(message.value for message in client.pfs.get_file(file=large)) == LARGE


@flow.step
def tar(client: Client) -> None:
    with client.pfs.pfs_tar_file(file_at("/")) as members:
        assert {m.name.lstrip("/") for m in members if m.isfile()} == {"a", "dir/b", "stream", "page"}


@flow.step
def listings(client: Client) -> None:
    paths = ["/a", "/dir/", "/page", "/stream"]
    assert [info.file.path for info in client.pfs.list_file(file=file_at("/"))] == paths
    walked = [info.file.path for info in client.pfs.walk_file(file=file_at("/"))]
    assert walked == ["/", "/a", "/dir/", "/dir/b", "/page", "/stream"]
    assert [info.file.path for info in client.pfs.glob_file(commit=MASTER, pattern="/*/b")] == ["/dir/b"]
    assert client.pfs.path_exists(file_at("/a"))
    assert not client.pfs.path_exists(file_at("/missing"))


@flow.step
def branches(client: Client) -> None:
    copy = pfs.Branch.from_uri("default/flow@copy")
    client.pfs.create_branch(branch=copy, head=MASTER)
    assert client.pfs.branch_exists(copy)
    heads = [client.pfs.inspect_branch(branch=branch).head.id for branch in (copy, MASTER.branch)]
    assert heads[0] == heads[1]
    assert {"master", "copy", "large"} == {info.branch.name for info in client.pfs.list_branch(repo=REPO)}
    client.pfs.delete_branch(branch=copy)
    assert not client.pfs.branch_exists(copy)


@flow.step
def copy_delete_and_diff(client: Client) -> None:
    old = client.pfs.inspect_branch(branch=MASTER.branch).head
    # a Commit without a branch is more than this peer's own servers take
    old = pfs.Commit(branch=MASTER.branch, id=old.id, repo=REPO)
    with client.pfs.commit(branch=MASTER.branch) as commit:
        commit.copy_file(src=pfs.File(commit=old, path="/a"), dst="/copied")
        commit.delete_file(path="/dir/")
    commit.wait()
    new = pfs.Commit(branch=MASTER.branch, id=commit.id, repo=REPO)
    pairs = list(client.pfs.diff_file(new_file=pfs.File(commit=new, path="/"), old_file=pfs.File(commit=old, path="/")))
    assert "/copied" in {pair.new_file.file.path for pair in pairs if pair.new_file}
    assert "/dir/b" in {pair.old_file.file.path for pair in pairs if pair.old_file}


@flow.step
def subscribe_and_list(client: Client) -> None:
    seen = client.pfs.subscribe_commit(repo=REPO, branch="master", state=pfs.CommitState.FINISHED)
    first, second = next(seen).commit.id, next(seen).commit.id
    listed = [info.commit.id for info in client.pfs.list_commit(repo=REPO, to=MASTER)]
    assert listed == [second, first]
    assert [info.commit.id for info in client.pfs.wait_commit_set(pfs.CommitSet(id=first))] == [first]


@flow.step
def drop_and_squash(client: Client) -> None:
    commit = client.pfs.start_commit(branch=MASTER.branch)
    client.pfs.drop_commit_set(commit_set=pfs.CommitSet(id=commit.id))
    newest, oldest = (info.commit for info in client.pfs.list_commit(repo=REPO, to=MASTER))
    assert commit.id not in (newest.id, oldest.id)
    client.pfs.squash_commit_set(commit_set=pfs.CommitSet(id=oldest.id))
    assert [info.commit.id for info in client.pfs.list_commit(repo=REPO, to=MASTER)] == [newest.id]


@flow.step
def transaction(client: Client) -> None:
    with client.transaction.transaction():
        client.pfs.create_repo(repo=pfs.Repo.from_uri("default/one"))
        client.pfs.create_repo(repo=pfs.Repo.from_uri("default/two"))
    assert {"one", "two"} <= {info.repo.name for info in client.pfs.list_repo(type="user")}


@flow.step
def everything_goes(client: Client) -> None:
    client.pfs.delete_all()
    assert list(client.pfs.list_repo(type="user")) == []


if __name__ == "__main__":
    sys.exit(flow.run(Client(host=HOST, port=int(PORT))))
