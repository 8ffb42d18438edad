"""python-pachyderm 6.3.3, the peer for 1.x, against the dev server."""

from __future__ import annotations

import io
import json
import sys
import tempfile
from pathlib import Path

import python_pachyderm as pachyderm
from flow import GUARDED_HOST, GUARDED_PORT, HOST, LARGE, PORT, URL, Flow, refused
from python_pachyderm.service import auth_proto, pfs_proto, transaction_proto

flow = Flow()


@flow.step
def version(client: pachyderm.Client) -> None:
    assert client.get_remote_version().major == 1


@flow.step
def other_ways_to_connect(client: pachyderm.Client) -> None:
    address = f"{HOST}:{PORT}"
    config = io.StringIO(json.dumps({"v2": {"active_context": "c", "contexts": {"c": {"pachd_address": address}}}}))
    for other in (
        pachyderm.Client.new_from_pachd_address(f"grpc://{address}"),
        pachyderm.Client.new_from_config(config),
    ):
        assert other.get_remote_version() == client.get_remote_version()


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
        client.put_file_bytes(commit, "/a", b" two")
        client.put_file_bytes(commit, "/dir/b", b"first")
        client.put_file_bytes(commit, "/dir/b", b"over", overwrite_index=0)
        client.put_file_bytes(commit, "/stream", io.BytesIO(b"line\nline\n"))
    assert client.get_file(commit, "/a").read() == b"one two"
    assert client.get_file(commit, "/dir/b").read() == b"over"
    assert client.get_file("flow/master", "/stream").read() == b"line\nline\n"
    info = client.inspect_commit(commit)
    assert info.description == "puts"
    assert info.HasField("finished")


@flow.step
def splits(client: pachyderm.Client) -> None:
    with client.commit("flow", "splits") as commit:
        client.put_file_bytes(commit, "/lines", b"1\n2\n3\n", delimiter=pachyderm.Delimiter.LINE.value)
        rows = b"name\nx\ny\n"
        client.put_file_bytes(commit, "/csv", rows, delimiter=pachyderm.Delimiter.CSV.value, header_records=1)
    assert len(list(client.list_file(commit, "/lines"))) == 3
    assert client.get_file(commit, "/csv/*").read() == rows


@flow.step
def many_files_in_one_stream(client: pachyderm.Client) -> None:
    with client.commit("flow", "stream") as commit, client.put_file_client() as put:
        for number in range(20):
            put.put_file_from_bytes(commit, f"/{number}", b"x" * number)
    assert len(list(client.list_file(commit, "/"))) == 20


@flow.since(1, 11)
def many_operations_in_one_stream(client: pachyderm.Client) -> None:
    with client.commit("flow", "stream") as commit, client.put_file_client() as put:
        put.put_file_from_fileobj(commit, "/fileobj", io.BytesIO(b"y"))
        put.put_file_from_url(commit, "/page", URL)
        put.delete_file(commit, "/7")
    assert len(list(client.list_file(commit, "/"))) == 21


@flow.step
def url(client: pachyderm.Client) -> None:
    with client.commit("flow", "url") as commit:
        client.put_file_url(commit, "/page", URL)
    assert client.get_file(commit, "/page").read() == b"a page"


@flow.step
def large_file(client: pachyderm.Client) -> None:
    with client.commit("flow", "large") as commit:
        client.put_file_bytes(commit, "/large", LARGE)
    assert client.inspect_file(commit, "/large").size_bytes == len(LARGE)
    # the peer takes no more than 4 MiB a message
    assert client.get_file(commit, "/large").read() == LARGE


@flow.step
def listings(client: pachyderm.Client) -> None:
    assert [file.file.path for file in client.list_file("flow/master", "/")] == ["/a", "/dir", "/stream"]
    assert {file.file.path for file in client.walk_file("flow/master", "/")} == {"/", "/a", "/dir", "/dir/b", "/stream"}
    assert [file.file.path for file in client.glob_file("flow/master", "/*/b")] == ["/dir/b"]


@flow.step
def branches(client: pachyderm.Client) -> None:
    client.create_branch("flow", "copy", "flow/master")
    assert {"master", "copy"} <= {branch.name for branch in client.list_branch("flow")}
    assert client.inspect_branch("flow", "copy").head == client.inspect_branch("flow", "master").head
    client.delete_branch("flow", "copy")
    assert "copy" not in {branch.name for branch in client.list_branch("flow")}


@flow.step
def copy_delete_and_diff(client: pachyderm.Client) -> None:
    old = client.inspect_branch("flow", "master").head
    with client.commit("flow", "master") as commit:
        client.copy_file(old, "/a", commit, "/copied")
        client.delete_file(commit, "/dir")
    diff = client.diff_file(commit, "/", old, "/")
    assert "/copied" in {file.file.path for file in diff.new_files}
    assert "/dir/b" in {file.file.path for file in diff.old_files}


@flow.step
def subscribe_and_flush(client: pachyderm.Client) -> None:
    seen = client.subscribe_commit("flow", "master", state=pachyderm.CommitState.FINISHED.value)
    first, second = next(seen).commit, next(seen).commit
    seen.cancel()
    newest_first = [info.commit.id for info in client.list_commit("flow", to_commit="flow/master")]
    assert newest_first == [second.id, first.id]
    assert list(client.flush_commit([first])) == []


@flow.step
def provenance(client: pachyderm.Client) -> None:
    client.create_repo("output")
    source = pfs_proto.Branch(repo=pfs_proto.Repo(name="flow"), name="input")
    client.create_branch("output", "master", provenance=[source])
    with client.commit("flow", "input") as commit:
        client.put_file_bytes(commit, "/in", b"in")
    output = client.inspect_branch("output", "master").head
    client.finish_commit(output)
    assert [info.commit.id for info in client.flush_commit([commit])] == [output.id]
    client.delete_repo("output", force=True)


@flow.since(1, 11)
def trigger(client: pachyderm.Client) -> None:
    with client.commit("flow", "watched"):
        pass
    client.create_branch("flow", "triggered", trigger=pfs_proto.Trigger(branch="watched", commits=1))
    assert client.inspect_branch("flow", "triggered").trigger.branch == "watched"
    with client.commit("flow", "watched") as commit:
        client.put_file_bytes(commit, "/a", b"a")
    assert client.inspect_branch("flow", "triggered").head.id == commit.id


@flow.since(1, 9)
def transaction(client: pachyderm.Client) -> None:
    with client.transaction():
        client.create_repo("one")
        client.create_repo("two")
    assert {"one", "two"} <= {info.repo.name for info in client.list_repo()}


@flow.step
def open_commit_is_deleted(client: pachyderm.Client) -> None:
    commit = client.start_commit("flow", "master")
    client.delete_commit(commit)
    assert commit.id not in {info.commit.id for info in client.list_commit("flow")}


@flow.step
def health(client: pachyderm.Client) -> None:
    client.health()


@flow.step
def parts_of_a_file(client: pachyderm.Client) -> None:
    assert client.get_file("flow/master", "/a", offset_bytes=2, size_bytes=3).read() == b"e t"
    assert client.get_file("flow/large", "/large", offset_bytes=len(LARGE) - 3).read() == LARGE[-3:]


@flow.step
def directories(client: pachyderm.Client) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "deep").mkdir()
        Path(folder, "deep", "one").write_bytes(b"1")
        Path(folder, "two").write_bytes(b"22")
        with client.commit("flow", "directory") as commit:
            pachyderm.put_files(client, folder, commit, "/in")
            with client.put_file_client() as put:
                put.put_file_from_filepath(commit, "/alone", str(Path(folder, "two")))
    found = {file.file.path: file.size_bytes for file in client.walk_file(commit, "/")}
    assert {"/in/deep/one": 1, "/in/two": 2, "/alone": 2}.items() <= found.items()


@flow.step
def life_of_a_commit(client: pachyderm.Client) -> None:
    first = client.start_commit("flow", "life", description="started")
    client.put_file_bytes(first, "/a", b"a")
    with refused("has not been finished"):
        client.start_commit("flow", "life")
    client.finish_commit(first, description="finished")
    info = client.inspect_commit(first, block_state=pachyderm.CommitState.FINISHED.value)
    assert (info.description, info.size_bytes) == ("finished", 1)
    with refused("finished"):
        client.finish_commit(first)
    second = client.start_commit("flow", parent="life")
    client.finish_commit(second)
    assert client.inspect_commit(second).parent_commit.id == first.id
    client.delete_commit(second)
    with refused("not found"):
        client.inspect_commit(second)


@flow.step
def lists_of_commits(client: pachyderm.Client) -> None:
    for _ in range(3):
        with client.commit("flow", "list"):
            pass
    ids = [info.commit.id for info in client.list_commit("flow", to_commit="flow/list")]
    assert len(ids) == 3
    assert [info.commit.id for info in client.list_commit("flow", to_commit="flow/list", number=2)] == ids[:2]
    since = client.list_commit("flow", to_commit="flow/list", from_commit=("flow", ids[2]))
    assert [info.commit.id for info in since] == ids[:2]
    cursor = client.subscribe_commit("flow", "list", from_commit_id=ids[1])
    assert next(cursor).commit.id in ids  # servers also tell of what is older than the cursor
    cursor.cancel()


@flow.step
def errors(client: pachyderm.Client) -> None:
    with refused("not found"):
        client.inspect_repo("missing")
    with refused("already exists"):
        client.create_repo("flow")
    with refused("not found"):
        client.inspect_file("flow/master", "/missing")
    with refused("not found"):
        client.inspect_branch("flow", "missing")


@flow.step
def checks(client: pachyderm.Client) -> None:
    assert [found.error for found in client.fsck() if found.error] == []


@flow.since(1, 9)
def transactions_step_by_step(client: pachyderm.Client) -> None:
    transaction = client.start_transaction()
    assert client.inspect_transaction(transaction).transaction.id == transaction.id
    assert transaction.id in {info.transaction.id for info in client.list_transaction()}
    client.delete_transaction(transaction)
    client.transaction_id = client.start_transaction().id
    client.create_repo("finished")
    transaction, client.transaction_id = client.transaction_id, None
    assert len(client.inspect_transaction(transaction).requests) == 1
    client.finish_transaction(transaction)
    assert client.inspect_repo("finished")
    create = pfs_proto.CreateRepoRequest(repo=pfs_proto.Repo(name="batched"))
    client.batch_transaction([transaction_proto.TransactionRequest(create_repo=create)])
    assert client.inspect_repo("batched")
    with refused("kept out"), client.transaction():
        client.create_repo("undone")
        raise RuntimeError("kept out")
    assert "undone" not in {info.repo.name for info in client.list_repo()}
    client.delete_all_transactions()
    assert list(client.list_transaction()) == []


@flow.since(1, 9)
def a_commit_in_a_transaction(client: pachyderm.Client) -> None:
    with client.transaction():
        client.create_branch("flow", "later")
        commit = client.start_commit("flow", "later")
    client.put_file_bytes(commit, "/a", b"a")
    client.finish_commit(commit)
    assert client.get_file("flow/later", "/a").read() == b"a"


@flow.step
def nobody_is_asked_who_they_are(client: pachyderm.Client) -> None:
    with refused("not activated"):
        client.who_am_i()


@flow.step
def tokens(client: pachyderm.Client) -> None:
    guarded = pachyderm.Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    with refused("no authentication"):
        guarded.who_am_i()
    with refused("no authentication"):
        guarded.create_repo("guarded")  # the list of no repos is told to anyone
    guarded.auth_token = "secret"
    assert guarded.who_am_i().is_admin
    guarded.create_repo("guarded")
    robot = pachyderm.Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    robot.auth_token = guarded.get_auth_token("robot:arm", ttl=600).token
    assert robot.who_am_i().username == "robot:arm"
    assert robot.inspect_repo("guarded")
    guarded.extend_auth_token(robot.auth_token, 1200)
    assert 600 < robot.who_am_i().ttl <= 1200
    guarded.revoke_auth_token(robot.auth_token)
    with refused("token"):
        robot.who_am_i()


@flow.step
def scopes(client: pachyderm.Client) -> None:
    root = pachyderm.Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    root.auth_token = "secret"
    robot = pachyderm.Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    robot.auth_token = root.get_auth_token("robot:leg").token
    root.create_repo("scoped")
    with root.commit("scoped", "master") as commit:
        root.put_file_bytes(commit, "/a", b"A")
    with refused("robot:leg is not authorized", "must have at least READER access"):
        robot.get_file("scoped/master", "/a").read()
    reader, writer = auth_proto.Scope.Value("READER"), auth_proto.Scope.Value("WRITER")
    assert not robot.authorize("scoped", reader)
    root.set_scope("robot:leg", "scoped", reader)
    assert [*root.get_scope("robot:leg", ["scoped"])] == [reader]
    assert robot.authorize("scoped", reader)
    assert robot.get_file("scoped/master", "/a").read() == b"A"
    with refused("must have at least WRITER access"):
        robot.put_file_bytes("scoped/master", "/b", b"B")
    entry = auth_proto.ACLEntry(username="robot:leg", scope=writer)
    root.set_acl("scoped", [entry])
    assert [*root.get_acl("scoped").entries] == [entry]
    robot.put_file_bytes("scoped/master", "/b", b"B")
    robot.create_repo("of-leg")
    assert robot.inspect_repo("of-leg").auth_info.access_level == auth_proto.Scope.Value("OWNER")
    root.delete_repo("of-leg")


@flow.step
def administrators_and_groups(client: pachyderm.Client) -> None:
    root = pachyderm.Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    root.auth_token = "secret"
    (admin,) = root.get_admins()
    root.modify_admins(add=["robot:leg"])
    assert sorted(root.get_admins()) == sorted([admin, "robot:leg"])
    root.modify_admins(remove=["robot:leg"])
    root.set_groups_for_user("robot:leg", ["group/oidc:limbs"])
    root.modify_members("group/oidc:limbs", add=["robot:arm"])
    assert sorted(root.get_users("group/oidc:limbs")) == ["robot:arm", "robot:leg"]
    assert [*root.get_groups("robot:leg")] == ["group/oidc:limbs"]


@flow.since(1, 11)
def roles_on_the_cluster(client: pachyderm.Client) -> None:
    root = pachyderm.Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    root.auth_token = "secret"
    fs = auth_proto.ClusterRole.Value("FS")
    root.modify_cluster_role_binding("robot:leg", auth_proto.ClusterRoles(roles=[fs]))
    assert [*root.get_cluster_role_bindings().bindings["robot:leg"].roles] == [fs]
    root.modify_cluster_role_binding("robot:leg")


@flow.since(1, 11, 5)
def logins(client: pachyderm.Client) -> None:
    guarded = pachyderm.Client(host=GUARDED_HOST, port=int(GUARDED_PORT))
    guarded.auth_token = guarded.authenticate_id_token("id")
    assert guarded.who_am_i().username.endswith(":jane@example.com")
    with refused("token"):
        guarded.authenticate_id_token("another")
    login = guarded.get_oidc_login()
    assert login.state in login.login_url
    guarded.auth_token = guarded.authenticate_oidc(login.state)
    assert guarded.who_am_i().username.endswith(":jane@example.com")


@flow.step
def everything_goes(client: pachyderm.Client) -> None:
    client.delete_all_repos(force=True)  # delete_all() of this peer wants PPS, too
    assert list(client.list_repo()) == []


if __name__ == "__main__":
    sys.exit(flow.run(pachyderm.Client(host=HOST, port=int(PORT))))
