"""The client, as users write it. Never run: mypy and pyright read it, see ``make types``."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import assert_type

from airflow_provider_pachyderm.client import (
    CLUSTER,
    Authorization,
    Branch,
    BranchInfo,
    ClientConfig,
    Commit,
    CommitFailed,
    CommitInfo,
    CommitLike,
    CommitSetInfo,
    CommitState,
    Delimiter,
    DownloadedFile,
    FileCount,
    FileInfo,
    FileNotFound,
    FilePair,
    FileReader,
    FileSetType,
    FileType,
    Items,
    Modification,
    NewFileSet,
    OidcLogin,
    OpenedFile,
    PachydermError,
    PathRange,
    PfsClient,
    Project,
    ProjectInfo,
    Repo,
    RepoInfo,
    Role,
    Scope,
    StoredToken,
    TransactionInfo,
    Version,
    WhoAmI,
    file_set_commit,
    parse_branch,
    parse_commit,
    parse_file,
    parse_repo,
)


def connect() -> PfsClient:
    config = ClientConfig(host="grpcs://pachd", timeout=10, stall_timeout=None, version="2.11.6")
    assert_type(config.target, str)
    assert_type(ClientConfig.from_env(), ClientConfig)
    assert_type(ClientConfig.from_pachctl_config(Path("config.json")), ClientConfig)
    with PfsClient("localhost", 30650, auth_token="secret", project="p") as client:
        assert_type(client, PfsClient)
        assert_type(client.config, ClientConfig)
        assert_type(client.version(), Version)
    assert_type(PfsClient.from_url("grpcs://pachd", tls_ca="ca.pem"), PfsClient)
    assert_type(PfsClient.from_env(timeout=5), PfsClient)
    assert_type(PfsClient.from_pachctl_config(Path("config.json"), "context"), PfsClient)
    return PfsClient(config=config)


def access(client: PfsClient) -> None:
    assert_type(client.auth_token, str | None)
    client.auth_token = "token"
    client.auth_token = lambda: "token"
    assert_type(client.is_auth_active(), bool)
    me = client.who_am_i()
    assert_type(me, WhoAmI)
    assert_type(me.expires, datetime | None)
    assert_type(client.authenticate_id_token("id"), str)
    login = client.start_oidc_login()
    assert_type(login, OidcLogin)
    assert_type(client.authenticate_oidc(login, timeout=60), str)
    assert_type(client.get_robot_token("arm", timedelta(hours=1)), str)
    client.revoke_auth_token("token")


def repos(client: PfsClient) -> None:
    client.create_repo("images", "described", update=True)
    client.create_repo(Repo("images", project="p"))
    assert_type(client.inspect_repo("p/images"), RepoInfo)
    assert_type(client.list_repo(), list[RepoInfo])
    assert_type(client.repo_exists("images"), bool)
    client.delete_repo("images", force=True)
    client.delete_repo(all=True)
    client.create_project("p", "described")
    assert_type(client.inspect_project("p"), ProjectInfo)
    assert_type(client.list_project(), list[ProjectInfo])
    assert_type(client.fsck(), Items[str])


def branches(client: PfsClient, commit: Commit) -> None:
    client.create_branch("images", "release", commit, provenance=["raw@master", ("raw", "other")])
    info = client.inspect_branch("images", "release")
    assert_type(info, BranchInfo)
    assert_type(info.head, Commit | None)
    assert_type(client.list_branch("images"), list[BranchInfo])
    assert_type(client.branch_exists("images", "release"), bool)
    client.delete_branch("images", "release")


def commits(client: PfsClient) -> None:
    commit = client.start_commit("images", "master", description="words")
    assert_type(commit, Commit)
    client.finish_commit(commit, wait=True)
    with client.commit("images", "master") as commit:
        assert_type(commit, Commit)
        client.put_file_bytes(commit, "/a", b"A")
    info = client.inspect_commit(commit, wait=CommitState.FINISHED)
    assert_type(info, CommitInfo)
    assert_type(info.finished, datetime | None)
    assert_type(info.size_bytes, int | None)
    assert_type(client.wait_commit(info), CommitInfo)
    listed = client.list_commit("images", number=3)
    assert_type(listed, Items[CommitInfo])
    assert_type([each.commit for each in listed], list[Commit])
    assert_type(client.flush_commit([commit, commit], repos=["out"]), list[CommitInfo])
    with client.subscribe_commit("images", "master") as following:
        assert_type(next(following), CommitInfo)
    assert_type(client.inspect_commit_set(commit), list[CommitInfo])
    assert_type(client.list_commit_set(), Items[CommitSetInfo])


def transactions(client: PfsClient) -> str:
    with client.transaction() as transaction:
        assert_type(transaction, str)
        client.create_repo("one")
    assert_type(client.list_transaction(), list[TransactionInfo])
    return client.start_transaction()


def pieces() -> Iterator[bytes]:
    yield b"one"


def writing(client: PfsClient, commit: CommitLike) -> None:
    for value in (b"bytes", bytearray(b"array"), memoryview(b"view"), pieces(), [b"list"], io.BytesIO(b"file")):
        client.put_file_bytes(commit, "/a", value, append=True)
    client.put_file_bytes(commit, "/lines", b"1\n2\n", Delimiter.LINE, target_file_datums=1)
    with Path("local").open("rb") as file:
        client.put_file(commit, "/b", file)
    client.put_file(commit, "/b", Path("local"))
    assert_type(client.put_files(commit, "folder", "/raw", include="*.csv", exclude=[".git"]), FileCount)
    client.put_file_url(commit, "/page", "https://example.com")
    client.copy_file(commit, "/a", ("images", "master"), "/c")
    client.delete_file(commit, "/a")


def many_changes(client: PfsClient) -> None:
    with client.modify("images@master") as changes:
        assert_type(changes, Modification)
        changes.put("/a", pieces(), append=True)
        changes.put_file("/b", Path("local"))
        changes.put_files("folder", "/raw")
        changes.put_url("/page", "https://example.com")
        changes.copy("images@master", "/a", "/c")
        changes.delete("/b")


def file_sets(client: PfsClient) -> None:
    with client.create_file_set() as changes:
        assert_type(changes, NewFileSet)
        changes.put("/a", b"a")
    assert_type(changes.file_set_id, str)
    id = client.get_file_set("images@master", type=FileSetType.DIFF)
    client.renew_file_set(id, timedelta(minutes=5))
    both = client.compose_file_set([id, changes.file_set_id], timedelta(minutes=5), compact=True)
    client.add_file_set("images@master", both)
    assert_type(client.shard_file_set(both, number_of_files=1000), list[PathRange])
    assert_type(client.list_file(file_set_commit(both)), Items[FileInfo])


def reading(client: PfsClient) -> None:
    with client.get_file("images@master", "/a", offset_bytes=1, size_bytes=2) as reader:
        assert_type(reader, FileReader)
        assert_type(reader.read(), bytes)
        assert_type(list(reader), list[bytes])
        assert_type(reader.readinto(bytearray(10)), int)
    assert_type(client.get_files(("images", "master"), "/", recursive=True), dict[str, bytes])
    assert_type(client.download(["images", "master"], ["/a"], Path("here")), list[DownloadedFile])
    with client.open_file("images@master", "/a") as file:
        assert_type(file, OpenedFile)
        assert_type(file.seek(2), int)
        assert_type(file.read(), bytes)
    assert_type(client.path_exists("images@master", "/a"), bool)
    info = client.inspect_file("images@master", "/a")
    assert_type(info, FileInfo)
    assert_type(info.type, FileType)
    assert_type(client.list_file("images@master"), Items[FileInfo])
    assert_type(client.glob_file("images@master", "/*"), Items[FileInfo])
    assert_type(client.walk_file("images@master"), Items[FileInfo])
    for new, old in client.diff_file("images@master"):
        assert_type(new, FileInfo | None)
        assert_type(old, FileInfo | None)
    pairs: list[FilePair] = list(client.diff_file("images@master"))
    print(pairs)


def roles(client: PfsClient) -> None:
    client.modify_role_binding("images", "robot:ci", ["repoReader"])
    client.modify_role_binding(Project("vision"), "robot:ci", ())
    assert_type(client.get_role_binding(CLUSTER), Mapping[str, tuple[str, ...]])
    assert_type(client.authorize("images", "REPO_READ"), Authorization)
    assert_type(client.authorize(parse_repo("images"), Scope.READER).missing, tuple[str, ...])
    assert_type(client.get_permissions("images").roles, tuple[str, ...])
    assert_type(client.get_roles_for_permission("REPO_READ"), list[Role])
    assert_type(client.get_acl("images"), dict[str, Scope])
    assert_type(client.get_groups(), list[str])
    assert_type(client.activate_auth(), str)
    for token in client.extract_auth_tokens():
        assert_type(token, StoredToken)
        client.restore_auth_token(token)


def references() -> None:
    assert_type(parse_repo("p/images"), Repo)
    assert_type(parse_branch("images@master"), Branch)
    assert_type(parse_commit("images@master"), Commit)
    commit, path = parse_file("images@master:/a")
    assert_type(commit, Commit)
    assert_type(path, str)


def one_text(client: PfsClient) -> None:
    file = "images@master:/a"
    assert_type(client.put_file(file, "/local"), Commit)
    assert_type(client.put_file_bytes(file, b"A", append=True), Commit)
    assert_type(client.put_file_url(file, "https://example.com", True), Commit)
    assert_type(client.get_file(file, 10, 5), FileReader)
    assert_type(client.get_files(file, True), dict[str, bytes])
    assert_type(client.open_file(file), OpenedFile)
    assert_type(client.download(file, "/local", parallel=4), list[DownloadedFile])
    assert_type(client.inspect_file(file), FileInfo)
    assert_type(client.path_exists(file), bool)
    assert_type(client.list_file(file, recursive=True), Items[FileInfo])
    assert_type(client.glob_file(file), Items[FileInfo])
    assert_type(client.find_commits(file), Items[Commit])
    assert_type(client.delete_file(file), Commit)
    assert_type(client.copy_file(file, file), Commit)
    assert_type(client.copy_file(file, ("images", "master"), "/b"), Commit)
    assert_type(client.copy_file(("images", "master"), "/b", file), Commit)
    client.put_file_bytes(file)  # type: ignore[call-overload] # pyright: ignore[reportCallIssue]
    client.copy_file(file)  # type: ignore[call-overload] # pyright: ignore[reportCallIssue]
    with client.modify("images@master") as changes:
        changes.copy(file, "/b")


def errors(client: PfsClient) -> bytes | None:
    try:
        return client.get_files("images@master", "/a")["/a"]
    except FileNotFound as error:
        assert_type(error.server_text, str)
        assert_type(error.attempts, int)
        return None
    except (CommitFailed, PachydermError):
        raise


def refused(client: PfsClient) -> None:
    """What makes no sense is an error for both checkers; they say so if it is not."""
    client.create_repo(1)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    client.put_file_bytes("images@master", "/a", "text")  # type: ignore[arg-type] # pyright: ignore[reportCallIssue, reportArgumentType]
    client.wait_commit(None)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    client.inspect_repo("images").repo.name = "b"  # type: ignore[misc] # pyright: ignore[reportAttributeAccessIssue]
