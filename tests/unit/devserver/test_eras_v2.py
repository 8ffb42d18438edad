"""What changed within 2.x and no recording shows, called over gRPC."""

from __future__ import annotations

import pytest
from google.protobuf.empty_pb2 import Empty

from airflow_provider_pachyderm._wire.v1 import methods as v1
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as pb
from tests.support.raw_v2 import Pfs, at, on, playing

NOWHERE = "0" * 12 + "4" + "0" * 19


# ---- statuses and words -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "code", "text"),
    [
        ("2.0.1", "UNKNOWN", f"commit {NOWHERE} not found in repo r"),
        ("2.0.2", "UNKNOWN", f"commit r@master={NOWHERE} not found"),
        ("2.1.0", "NOT_FOUND", f"commit r@master={NOWHERE} not found"),
        ("2.5.0", "NOT_FOUND", f"commit default/r@master={NOWHERE} not found"),
        ("2.6.0", "NOT_FOUND", f"commit default/r@{NOWHERE} not found"),
        ("2.10.7", "NOT_FOUND", f"commit default/r@{NOWHERE} not found"),
    ],
)
async def test_a_missing_commit(version: str, code: str, text: str) -> None:
    async with playing(version) as call:
        assert await call.said(Pfs.InspectCommit, pb.InspectCommitRequest(commit=at("r", NOWHERE))) == (code, text)


@pytest.mark.parametrize(
    ("version", "code", "prefix"),
    [("2.0.8", "UNKNOWN", "parent commit not found: "), ("2.2.0", "NOT_FOUND", ""), ("2.2.1", "NOT_FOUND", "parent ")],
)
async def test_errors_with_a_status_lose_their_context_for_a_while(version: str, code: str, prefix: str) -> None:
    async with playing(version) as call:
        request = pb.StartCommitRequest(branch=on("r"), parent=at("r", NOWHERE))
        said = await call.said(Pfs.StartCommit, request)
    assert said[0] == code
    assert said[1].startswith(prefix or "commit r@master=")


@pytest.mark.parametrize(
    ("version", "code"), [("2.0.8", "UNKNOWN"), ("2.1.0", "ALREADY_EXISTS"), ("2.7.8", "ALREADY_EXISTS")]
)
async def test_a_name_that_is_taken(version: str, code: str) -> None:
    async with playing(version) as call:
        assert (await call.said(Pfs.CreateRepo, pb.CreateRepoRequest(repo=on("r").repo)))[0] == code


@pytest.mark.parametrize(("version", "words"), [("2.2.8", "Try GetFileTAR"), ("2.3.0", "Use GetFileTAR instead")])
async def test_a_directory_is_not_read(version: str, words: str) -> None:
    async with playing(version) as call:
        commit = await call.commit("r", "/d/f")
        read = pb.GetFileRequest(file=pb.File(commit=commit, path="/d"))
        code, text = await call.said(Pfs.GetFile, read)
    assert code == "UNKNOWN"
    assert words in text


@pytest.mark.parametrize(("version", "code"), [("2.0.0", "OK"), ("2.7.8", "OK"), ("2.8.0", "NOT_FOUND")])
async def test_a_missing_branch_is_deleted(version: str, code: str) -> None:
    async with playing(version) as call:
        assert (await call.said(Pfs.DeleteBranch, pb.DeleteBranchRequest(branch=on("r@none"))))[0] == code


@pytest.mark.parametrize(("version", "code"), [("2.5.9", "NOT_FOUND"), ("2.6.0", "OK"), ("2.0.0", "UNKNOWN")])
async def test_a_missing_set_is_dropped(version: str, code: str) -> None:
    async with playing(version) as call:
        request = pb.DropCommitSetRequest(commit_set=pb.CommitSet(id=NOWHERE))
        assert (await call.said(Pfs.DropCommitSet, request))[0] == code


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("2.4.1", ("UNKNOWN", 'no auth function for "/pfs_v2.API/ListProject", this is a bug')),
        ("2.4.2", ("UNIMPLEMENTED", "unknown method ListProject for service pfs_v2.API")),
        ("2.5.0", ("OK", "")),
    ],
)
async def test_a_call_that_is_not_there_yet(version: str, said: tuple[str, str]) -> None:
    async with playing(version) as call:
        assert await call.said(Pfs.ListProject, pb.ListProjectRequest()) == said


@pytest.mark.parametrize(
    ("version", "code", "text"),
    [
        ("2.0.0", "UNKNOWN", "this server is running pachyderm 2.x, but your client appears to be an older version"),
        ("2.4.1", "UNKNOWN", "this server is running pachyderm 2.x, but your client appears to be an older version"),
        ("2.4.2", "UNIMPLEMENTED", "unknown service versionpb.API"),
    ],
)
async def test_the_version_call_of_1x(version: str, code: str, text: str) -> None:
    async with playing(version) as call:
        said = await call.said(v1.Version.GetVersion, Empty())
    assert said[0] == code
    assert said[1].startswith(text)


# ---- what is told -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "has_repo", "has_branch", "project"),
    [
        ("2.4.6", False, True, False),
        ("2.5.0", False, True, True),
        ("2.6.0", True, True, True),
        ("2.10.7", True, True, True),
        ("2.11.0", True, False, True),
        ("2.12.0-rc.3", True, False, True),
    ],
)
async def test_how_a_commit_is_named(version: str, has_repo: bool, has_branch: bool, project: bool) -> None:
    async with playing(version) as call:
        commit = await call.commit("r")
        info = await call.inspect(commit)
        listed = await call(Pfs.ListBranch, pb.ListBranchRequest(repo=on("r").repo))
        files = await call(Pfs.ListFile, pb.ListFileRequest(file=pb.File(commit=commit, path="/")))
        (repo,) = await call(Pfs.ListRepo, pb.ListRepoRequest())
    for told in (info.commit, listed[0].head, files[0].file.commit):
        assert (told.HasField("repo"), told.HasField("branch")) == (has_repo, has_branch)
    assert repo.repo.HasField("project") is project


@pytest.mark.parametrize(("version", "deleted"), [("2.7.8", False), ("2.8.0", True)])
async def test_what_delete_repo_answers(version: str, deleted: bool) -> None:
    async with playing(version) as call:
        reply = await call(Pfs.DeleteRepo, pb.DeleteRepoRequest(repo=on("r").repo))
    assert reply.deleted is deleted


@pytest.mark.parametrize(("version", "has"), [("2.0.8", True), ("2.1.0", False), ("2.7.8", False), ("2.8.0", True)])
async def test_details_of_a_commit_that_failed(version: str, has: bool) -> None:
    async with playing(version) as call:
        info = await call.inspect(await call.commit("r", error="boom"))
    assert (info.error, info.HasField("details")) == ("boom", has)


@pytest.mark.parametrize(
    ("version", "order"),
    [("2.7.8", ["c", "a", "b"]), ("2.8.0", ["b", "a", "c"]), ("2.9.7", ["b", "a", "c"]), ("2.10.0", ["a", "b", "c"])],
)
async def test_the_order_of_repos(version: str, order: list[str]) -> None:
    async with playing(version, repos=["b", "a", "c"]) as call:
        assert [info.repo.name for info in await call(Pfs.ListRepo, pb.ListRepoRequest(type="user"))] == order


@pytest.mark.parametrize(("version", "told"), [("2.9.7", ["b", "a", "c"]), ("2.10.0", ["c"]), ("2.11.6", ["c"])])
async def test_a_page_of_repos(version: str, told: list[str]) -> None:
    page = pb.RepoPage(page_size=2, page_index=1)
    async with playing(version, repos=["b", "a", "c"]) as call:
        assert [info.repo.name for info in await call(Pfs.ListRepo, pb.ListRepoRequest(page=page))] == told


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("2.7.8", "branch master has [default/out@master] as subvenance"),
        ("2.8.10", "violates foreign key constraint"),
        ("2.9.0", "because it's in the direct provenance of [default/out@master]"),
    ],
)
async def test_a_branch_that_others_are_made_from(version: str, words: str) -> None:
    async with playing(version, repos=["in", "out"]) as call:
        await call.branch("out", on("in"))
        code, text = await call.said(Pfs.DeleteBranch, pb.DeleteBranchRequest(branch=on("in")))
    assert code == "UNKNOWN"
    assert words in text


@pytest.mark.parametrize(
    ("version", "code", "words"),
    [
        ("2.5.9", "UNKNOWN", "provenance loop"),
        ("2.7.8", "UNKNOWN", "cannot be both in"),
        ("2.8.0", "INTERNAL", "cycle detected"),
    ],
)
async def test_provenance_in_a_circle(version: str, code: str, words: str) -> None:
    async with playing(version, repos=["in", "out"]) as call:
        await call.branch("out", on("in"))
        request = pb.CreateBranchRequest(branch=on("in"), provenance=[on("out")])
        said = await call.said(Pfs.CreateBranch, request)
    assert said[0] == code
    assert words in said[1]


@pytest.mark.parametrize("version", ["2.3.9", "2.11.6"])
async def test_without_a_type_all_repos_are_listed(version: str) -> None:
    async with playing(version) as call:
        await call(Pfs.CreateRepo, pb.CreateRepoRequest(repo=pb.Repo(name="r", type="spec")))
        every = await call(Pfs.ListRepo, pb.ListRepoRequest())
        specs = await call(Pfs.ListRepo, pb.ListRepoRequest(type="spec"))
    assert sorted(info.repo.type for info in every) == ["spec", "user"]
    assert [info.repo.type for info in specs] == ["spec"]


# ---- behaviour --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "readable"), [("2.0.8", True), ("2.1.0", True), ("2.1.1", False), ("2.11.6", False)]
)
async def test_reading_on_top_of_what_is_not_finished(version: str, readable: bool) -> None:
    async with playing(version, repos=["in", "out"]) as call:
        await call.branch("out", on("in"))
        await call.put(at("out"), "/first")
        second = await call.start("in")
        await call.finish(second)
        said = await call.said(Pfs.ListFile, pb.ListFileRequest(file=pb.File(commit=at("out", second.id), path="/")))
        assert said[0] == ("OK" if readable else "UNKNOWN")
        assert readable or "unfinished" in said[1]
        if readable:
            assert await call.paths(at("out", second.id)) == ["/first"]


@pytest.mark.parametrize(
    ("version", "said"), [("2.4.6", ("OK", "")), ("2.5.0", ("UNKNOWN", "context deadline exceeded"))]
)
async def test_waiting_until_a_commit_is_finishing(version: str, said: tuple[str, str]) -> None:
    """D78: the first wait of a server that its deadline ends is told as UNKNOWN."""
    async with playing(version) as call:
        commit = await call.start("r")
        request = pb.InspectCommitRequest(commit=commit, wait=pb.COMMIT_STATE_FINISHING)
        assert await call.said(Pfs.InspectCommit, request, timeout=0.5) == said


@pytest.mark.parametrize(("version", "code"), [("2.3.9", "OK"), ("2.4.0", "UNKNOWN"), ("2.11.6", "UNKNOWN")])
async def test_a_reversed_list_needs_a_number(version: str, code: str) -> None:
    async with playing(version) as call:
        commit = await call.commit("r")
        request = pb.ListFileRequest(file=pb.File(commit=commit, path="/"), reverse=True)
        assert (await call.said(Pfs.ListFile, request))[0] == code


@pytest.mark.parametrize(
    ("version", "code", "forced"),
    [
        ("2.5.9", "UNKNOWN", "OK"),
        ("2.6.11", "FAILED_PRECONDITION", "FAILED_PRECONDITION"),
        ("2.8.10", "FAILED_PRECONDITION", "UNKNOWN"),
    ],
)
async def test_deleting_a_project_that_holds_a_repo(version: str, code: str, forced: str) -> None:
    project = pb.Project(name="p")
    async with playing(version) as call:
        await call(Pfs.CreateProject, pb.CreateProjectRequest(project=project))
        await call.repo("held", "p")
        assert (await call.said(Pfs.DeleteProject, pb.DeleteProjectRequest(project=project)))[0] == code
        assert (await call.said(Pfs.DeleteProject, pb.DeleteProjectRequest(project=project, force=True)))[0] == forced
        left = [info.repo.name for info in await call(Pfs.ListRepo, pb.ListRepoRequest(projects=[project]))]
    assert left == ([] if forced == "OK" else ["held"])


@pytest.mark.parametrize(("version", "code"), [("2.5.9", "NOT_FOUND"), ("2.6.11", "NOT_FOUND"), ("2.8.0", "OK")])
async def test_updating_a_project_that_is_not_there(version: str, code: str) -> None:
    request = pb.CreateProjectRequest(project=pb.Project(name="p"), update=True)
    async with playing(version) as call:
        assert (await call.said(Pfs.CreateProject, request))[0] == code


async def test_before_projects_a_project_means_nothing() -> None:
    async with playing("2.4.6") as call:
        repo = pb.Repo(name="r", type="user", project=pb.Project(name="elsewhere"))
        assert (await call.said(Pfs.InspectRepo, pb.InspectRepoRequest(repo=repo)))[0] == "OK"


@pytest.mark.parametrize("version", ["2.0.0", "2.3.9", "2.6.0", "2.11.6"])
async def test_a_commit_with_an_open_child_is_not_squashed(version: str) -> None:
    async with playing(version) as call:
        commit = await call.commit("r")
        child = await call.start("r")
        squash = pb.SquashCommitSetRequest(commit_set=pb.CommitSet(id=commit.id))
        code, text = await call.said(Pfs.SquashCommitSet, squash)
        assert code == "UNKNOWN"
        assert text.startswith("cannot squash until child commit ")
        assert text.endswith(f"{child.id} is finished")
        await call.finish(child)
        assert await call.said(Pfs.SquashCommitSet, squash) == ("OK", "")
        assert await call.paths(child) == ["/f"]


@pytest.mark.parametrize("version", ["2.5.0", "2.8.10", "2.11.6"])
async def test_repos_that_are_made_from_each_other_go_together(version: str) -> None:
    async with playing(version, repos=["in", "out"]) as call:
        await call.branch("out", on("in"))
        assert (await call.said(Pfs.DeleteRepo, pb.DeleteRepoRequest(repo=on("in").repo)))[0] == "UNKNOWN"
        gone = await call(Pfs.DeleteRepos, pb.DeleteReposRequest(all=True))
        assert await call(Pfs.ListRepo, pb.ListRepoRequest()) == []
    assert sorted(repo.name for repo in gone.repos) == ["in", "out"]


async def test_a_system_repo_goes_with_its_user_repo() -> None:
    async with playing("2.11.6") as call:
        await call(Pfs.CreateRepo, pb.CreateRepoRequest(repo=pb.Repo(name="r", type="spec")))
        await call(Pfs.DeleteRepo, pb.DeleteRepoRequest(repo=on("r").repo))
        assert await call(Pfs.ListRepo, pb.ListRepoRequest()) == []
