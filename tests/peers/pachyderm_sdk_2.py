"""pachyderm-sdk 2.12.2, the other peer for 2.x, against the dev server."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from flow import GUARDED_HOST, GUARDED_PORT, HOST, LARGE, PORT, URL, Flow, refused
from pachyderm_sdk import Client
from pachyderm_sdk.api import auth, pfs

flow = Flow()
REPO = pfs.Repo.from_uri("default/flow")
MASTER = pfs.Commit(branch=pfs.Branch.from_uri("default/flow@master"), repo=REPO)


def file_at(path: str) -> pfs.File:
    return pfs.File(commit=MASTER, path=path)


@flow.step
def version(client: Client) -> None:
    assert client.get_version().major == 2


@flow.step
def other_ways_to_connect(client: Client) -> None:
    address = f"{HOST}:{PORT}"
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.json")
        contexts = {"c": {"pachd_address": f"grpc://{address}"}}
        config.write_text(json.dumps({"user_id": "u", "v2": {"active_context": "c", "contexts": contexts}}))
        for other in (Client.from_pachd_address(f"grpc://{address}"), Client.from_config(config)):
            assert other.get_version() == client.get_version()


@flow.step
def projects_and_repos(client: Client) -> None:
    client.pfs.create_project(project=pfs.Project(name="side"), description="beside the default")
    assert client.pfs.inspect_project(project=pfs.Project(name="side")).description == "beside the default"
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


def put(path: str, data: bytes) -> pfs.ModifyFileRequest:
    return pfs.ModifyFileRequest(add_file=pfs.AddFile(path=path, raw=data))


def deleted(path: str) -> pfs.ModifyFileRequest:
    return pfs.ModifyFileRequest(delete_file=pfs.DeleteFile(path=path))


def files_of(client: Client, commit: pfs.Commit) -> dict[str, bytes]:
    walked = [info.file for info in client.pfs.walk_file(file=pfs.File(commit=commit, path="/"))]
    files = [pfs.File(commit=commit, path=file.path) for file in walked if not file.path.endswith("/")]
    return {file.path: b"".join(part.value for part in client.pfs.get_file(file=file)) for file in files}


def files_of_set(client: Client, file_set_id: str) -> dict[str, bytes]:
    sets = pfs.Repo(name="__filesets__", type="user", project=pfs.Project(name="default"))
    return files_of(client, pfs.Commit(repo=sets, branch=pfs.Branch(repo=sets), id=file_set_id))


@flow.step
def file_sets(client: Client) -> None:
    branch = pfs.Branch.from_uri("default/flow@sets")
    first = client.pfs.create_file_set(iter([put("/a", b"1"), put("/b", b"1"), put("/c", b"1")])).file_set_id
    second = client.pfs.create_file_set(iter([deleted("/a"), put("/a", b"2"), put("/b", b"2")])).file_set_id
    client.pfs.renew_file_set(file_set_id=first, ttl_seconds=600)
    with refused("ttl", "exceeds"):
        client.pfs.renew_file_set(file_set_id=first, ttl_seconds=1801)
    both = {"/a": b"2", "/b": b"12", "/c": b"1"}
    for compact in (False, True):
        composed = client.pfs.compose_file_set(file_set_ids=[first, second], ttl_seconds=60, compact=compact)
        assert files_of_set(client, composed.file_set_id) == both
    shards = client.pfs.shard_file_set(file_set_id=composed.file_set_id).shards
    assert [(shard.lower, shard.upper) for shard in shards] == [("", "")]
    with client.pfs.commit(branch=branch) as commit:
        commit.put_file_from_bytes(path="/a", data=b"0")
        client.pfs.add_file_set(commit=commit, file_set_id=composed.file_set_id)
    commit.wait()
    head = pfs.Commit(branch=branch, id=commit.id, repo=REPO)
    assert files_of(client, head) == both
    total = client.pfs.get_file_set(commit=head, type=pfs.GetFileSetRequestFileSetType.TOTAL)
    assert files_of_set(client, total.file_set_id) == both
    with refused("already finished"):
        client.pfs.add_file_set(commit=head, file_set_id=first)
    with refused("path does not exist"):
        files_of_set(client, "0" * 32)


@flow.since(2, 9)
def parts_of_file_sets(client: Client) -> None:
    branch = pfs.Branch.from_uri("default/flow@sets")
    with client.pfs.commit(branch=branch) as commit:
        commit.put_file_from_bytes(path="/b", data=b"3", append=True)
    commit.wait()
    head = pfs.Commit(branch=branch, id=commit.id, repo=REPO)
    diff = client.pfs.get_file_set(commit=head, type=pfs.GetFileSetRequestFileSetType.DIFF)
    assert files_of_set(client, diff.file_set_id) == {"/b": b"3"}
    id = client.pfs.get_file_set(commit=head, type=pfs.GetFileSetRequestFileSetType.TOTAL).file_set_id
    shards = client.pfs.shard_file_set(file_set_id=id, num_files=2, size_bytes=100).shards
    assert [(shard.lower, shard.upper) for shard in shards] == [("", "/c"), ("/c", "")]


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
def trigger(client: Client) -> None:
    watched, triggered = (pfs.Branch.from_uri(f"default/flow@{name}") for name in ("watched", "triggered"))
    with client.pfs.commit(branch=watched):
        pass
    client.pfs.create_branch(branch=triggered, trigger=pfs.Trigger(branch="watched", commits=1))
    assert client.pfs.inspect_branch(branch=triggered).trigger.branch == "watched"
    with client.pfs.commit(branch=watched) as commit:
        commit.put_file_from_bytes(path="/a", data=b"a")
    commit.wait()
    with client.pfs.pfs_file(pfs.File.from_uri("default/flow@triggered:/a")) as file:
        assert file.read() == b"a"


@flow.step
def transaction(client: Client) -> None:
    with client.transaction.transaction():
        client.pfs.create_repo(repo=pfs.Repo.from_uri("default/one"))
        client.pfs.create_repo(repo=pfs.Repo.from_uri("default/two"))
    assert {"one", "two"} <= {info.repo.name for info in client.pfs.list_repo(type="user")}


@flow.step
def parts_of_a_file(client: Client) -> None:
    messages = client.pfs.get_file(file=file_at("/a"), offset=4)
    assert b"".join(message.value for message in messages) == b"two"
    with client.pfs.pfs_file(file_at("/stream")) as file:
        assert file.readline() == b"line\n"
        assert file.peek(4)[:4] == b"line"


@flow.step
def directories(client: Client) -> None:
    branch = pfs.Branch.from_uri("default/flow@directory")
    with tempfile.TemporaryDirectory() as folder, client.pfs.commit(branch=branch) as commit:
        Path(folder, "deep").mkdir()
        Path(folder, "deep", "one").write_bytes(b"1")
        Path(folder, "two").write_bytes(b"22")
        commit.put_files(source=folder, path="/in")
    commit.wait_all()
    listed = client.pfs.walk_file(file=pfs.File.from_uri("default/flow@directory:/in"))
    assert {info.file.path: info.size_bytes for info in listed if not info.file.path.endswith("/")} == {
        "/in/deep/one": 1,
        "/in/two": 2,
    }


@flow.step
def pages_of_a_listing(client: Client) -> None:
    names = [info.file.path for info in client.pfs.list_file(file=file_at("/"))]

    def page(**options: Any) -> list[str]:
        return [info.file.path for info in client.pfs.list_file(file=file_at("/"), **options)]

    assert page(number=2) == names[:2]
    assert page(number=2, reverse=True) == names[::-1][:2]
    assert page(pagination_marker=file_at(names[0])) == names[1:]


@flow.step
def life_of_a_commit(client: Client) -> None:
    branch = pfs.Branch.from_uri("default/flow@life")
    first = client.pfs.start_commit(branch=branch, description="started")
    client.pfs.put_file_from_bytes(commit=first, path="/a", data=b"a")
    client.pfs.clear_commit(commit=first)
    client.pfs.put_file_from_bytes(commit=first, path="/b", data=b"bb")
    client.pfs.finish_commit(commit=first, description="finished")
    info = client.pfs.wait_commit(first)
    assert (info.description, info.details.size_bytes) == ("finished", 2)
    assert client.pfs.commit_exists(first)
    failed = client.pfs.start_commit(branch=branch)
    client.pfs.finish_commit(commit=failed, error="on purpose")
    assert client.pfs.inspect_commit(commit=failed, wait=pfs.CommitState.FINISHED).error == "on purpose"
    forked = client.pfs.start_commit(branch=pfs.Branch.from_uri("default/flow@fork"), parent=first)
    client.pfs.finish_commit(commit=forked)
    assert client.pfs.wait_commit(forked).parent_commit.id == first.id
    client.pfs.drop_commit_set(commit_set=pfs.CommitSet(id=forked.id))
    assert not client.pfs.commit_exists(forked)


@flow.since(2, 8)
def commits_go_one_by_one(client: Client) -> None:
    branch = pfs.Branch.from_uri("default/flow@goes")
    commits = []
    for _ in range(3):
        with client.pfs.commit(branch=branch) as commit:
            commits.append(commit)
        commit.wait()
    client.pfs.squash_commit(commit=commits[0])
    client.pfs.drop_commit(commit=commits[2])
    assert [client.pfs.commit_exists(commit) for commit in commits] == [False, True, False]


@flow.step
def lists_of_commits(client: Client) -> None:
    branch = pfs.Branch.from_uri("default/flow@list")
    for _ in range(3):
        with client.pfs.commit(branch=branch):
            pass
    to = pfs.Commit(branch=branch, repo=REPO)
    ids = [info.commit.id for info in client.pfs.list_commit(repo=REPO, to=to)]
    assert len(ids) == 3
    assert [info.commit.id for info in client.pfs.list_commit(repo=REPO, to=to, number=2)] == ids[:2]
    listed = client.pfs.list_commit_set(project=pfs.Project(name="default"))
    assert set(ids) <= {info.commit_set.id for info in listed}
    (info,) = client.pfs.inspect_commit_set(commit_set=pfs.CommitSet(id=ids[0]), wait=True)
    assert info.commit.id == ids[0]


@flow.step
def commits_that_changed_a_file(client: Client) -> None:
    found = [answer.found_commit for answer in client.pfs.find_commits(start=MASTER, file_path="/a")]
    assert [commit for commit in found if commit]


@flow.step
def branches_from_branches(client: Client) -> None:
    out = pfs.Repo.from_uri("default/out")
    client.pfs.create_repo(repo=out)
    source, made = pfs.Branch.from_uri("default/flow@source"), pfs.Branch.from_uri("default/out@master")
    with client.pfs.commit(branch=source):
        pass
    client.pfs.create_branch(branch=made, provenance=[source])
    info = client.pfs.inspect_branch(branch=made)
    assert [branch.as_uri() for branch in info.direct_provenance] == ["default/flow@source"]
    with refused("flow@source"):
        client.pfs.delete_repo(repo=REPO)
    client.pfs.delete_branch(branch=made, force=True)
    client.pfs.delete_repo(repo=out)


@flow.step
def errors(client: Client) -> None:
    with refused("not found"):
        client.pfs.inspect_repo(repo=pfs.Repo.from_uri("default/missing"))
    with refused("already exists"):
        client.pfs.create_repo(repo=REPO)
    with refused("not found"):
        client.pfs.inspect_file(file=file_at("/missing"))


@flow.step
def checks(client: Client) -> None:
    assert [found.error for found in client.pfs.fsck() if found.error] == []


@flow.step
def transactions_step_by_step(client: Client) -> None:
    transaction = client.transaction.start_transaction()
    assert client.transaction.transaction_exists(transaction)
    client.transaction.delete_transaction(transaction=transaction)
    assert not client.transaction.transaction_exists(transaction)
    finished = pfs.Repo.from_uri("default/finished")
    transaction = client.transaction.start_transaction()
    client.pfs.create_repo(repo=finished)
    assert len(client.transaction.inspect_transaction(transaction=transaction).requests) == 1
    client.transaction.finish_transaction(transaction=transaction)
    assert client.pfs.repo_exists(finished)
    with refused("kept out"), client.transaction.transaction():
        client.pfs.create_repo(repo=pfs.Repo.from_uri("default/undone"))
        raise RuntimeError("kept out")
    assert not client.pfs.repo_exists(pfs.Repo.from_uri("default/undone"))
    client.transaction.delete_all()
    assert not client.transaction.list_transaction().transaction_info


@flow.step
def nobody_is_asked_who_they_are(client: Client) -> None:
    with refused("not activated"):
        client.auth.who_am_i()
    with refused("not activated"):
        client.auth.get_robot_token(robot="robot")


@flow.step
def projects_go(client: Client) -> None:
    side = pfs.Project(name="side")
    assert client.pfs.project_exists(side)
    client.pfs.delete_repos(projects=[side])
    client.pfs.delete_project(project=side)
    assert not client.pfs.project_exists(side)


@flow.step
def tokens(client: Client) -> None:
    guarded = Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    with refused("no authentication"):
        guarded.auth.who_am_i()
    with refused("no authentication"):
        list(guarded.pfs.list_repo(type="user"))
    guarded.auth_token = "secret"
    assert guarded.auth.who_am_i().username == "pach:root"
    guarded.pfs.create_repo(repo=REPO)
    robot = Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    robot.auth_token = guarded.auth.get_robot_token(robot="arm", ttl=600).token
    assert robot.auth.who_am_i().username == "robot:arm"
    assert robot.pfs.repo_exists(REPO)
    guarded.auth.revoke_auth_token(token=robot.auth_token)
    with refused("token"):
        robot.auth.who_am_i()


@flow.step
def roles(client: Client) -> None:
    root = Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    root.auth_token = "secret"
    robot = Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    robot.auth_token = root.auth.get_robot_token(robot="leg").token
    repo = pfs.Repo.from_uri("default/bound")
    root.pfs.create_repo(repo=repo)
    bound = auth.Resource(type=auth.ResourceType.REPO, name="default/bound")
    with refused("robot:leg is not authorized", "REPO_LIST_BRANCH", "on REPO default/bound"):
        list(robot.pfs.list_branch(repo=repo))
    root.auth.modify_role_binding(resource=bound, principal="robot:leg", roles=["repoReader"])
    binding = root.auth.get_role_binding(resource=bound).binding
    assert {who: [*roles.roles] for who, roles in binding.entries.items()} == {
        "pach:root": ["repoOwner"],
        "robot:leg": ["repoReader"],
    }
    assert list(robot.pfs.list_branch(repo=repo)) == []
    read, write = auth.Permission.REPO_READ, auth.Permission.REPO_WRITE
    answer = robot.auth.authorize(resource=bound, permissions=[read, write])
    assert (answer.authorized, answer.satisfied, answer.missing) == (False, [read], [write])
    mine = robot.auth.get_permissions(resource=bound)
    assert "repoReader" in mine.roles
    assert read in mine.permissions
    theirs = root.auth.get_permissions_for_principal(resource=bound, principal="robot:leg")
    assert theirs == mine
    roles = root.auth.get_roles_for_permission(permission=write).roles
    assert "repoWriter" in [role.name for role in roles]
    assert robot.pfs.inspect_repo(repo=repo).auth_info.roles == mine.roles


@flow.step
def projects_have_owners(client: Client) -> None:
    root = Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    root.auth_token = "secret"
    robot = Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    robot.auth_token = root.auth.get_robot_token(robot="leg").token
    project = pfs.Project(name="legs")
    robot.pfs.create_project(project=project)
    owned = auth.Resource(type=auth.ResourceType.PROJECT, name="legs")
    assert list(robot.auth.get_role_binding(resource=owned).binding.entries) == ["robot:leg"]
    robot.pfs.delete_project(project=project)


@flow.step
def groups_and_tokens(client: Client) -> None:
    root = Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    root.auth_token = "secret"
    root.auth.set_groups_for_user(username="robot:leg", groups=["group:limbs"])
    root.auth.modify_members(group="group:limbs", add=["robot:arm"])
    assert sorted(root.auth.get_users(group="group:limbs").usernames) == ["robot:arm", "robot:leg"]
    assert root.auth.get_groups_for_principal(principal="robot:leg").groups == ["group:limbs"]
    configuration = auth.OidcConfig(issuer="http://dex", client_id="pachyderm")
    root.auth.set_configuration(configuration=configuration)
    assert root.auth.get_configuration().configuration == configuration
    token = root.auth.get_robot_token(robot="toe").token
    stored = {each.subject: each for each in root.auth.extract_auth_tokens().tokens}
    assert root.auth.revoke_auth_tokens_for_user(username="robot:toe").number == 1
    root.auth.restore_auth_token(token=stored["robot:toe"])
    root.auth.delete_expired_auth_tokens()
    root.auth_token = token
    assert root.auth.who_am_i().username == "robot:toe"


@flow.step
def logins(client: Client) -> None:
    guarded = Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    guarded.auth_token = guarded.auth.authenticate(id_token="id").pach_token
    assert guarded.auth.who_am_i().username == "user:jane@example.com"
    with refused("token"):
        guarded.auth.authenticate(id_token="another")
    login = guarded.auth.get_oidc_login()
    assert login.state in login.login_url
    assert guarded.auth.authenticate(oidc_state=login.state).pach_token


@flow.step
def everything_goes(client: Client) -> None:
    client.pfs.delete_all()
    assert list(client.pfs.list_repo(type="user")) == []


if __name__ == "__main__":
    sys.exit(flow.run(Client(host=HOST, port=int(PORT))))
