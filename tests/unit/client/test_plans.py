"""Plans: which calls a dialect makes, in which order, and what it makes of the answers."""

from __future__ import annotations

import inspect
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from airflow_provider_pachyderm._wire.v1 import pfs_pb2 as v1
from airflow_provider_pachyderm._wire.v2 import methods as v2_methods
from airflow_provider_pachyderm._wire.v2 import pfs_pb2 as v2
from airflow_provider_pachyderm.client import (
    AuthNotActivated,
    Branch,
    BranchHasNoHead,
    BranchInfo,
    BranchNotFound,
    Commit,
    CommitFailed,
    CommitFinished,
    CommitInfo,
    CommitNotFinished,
    CommitNotFound,
    CommitState,
    Conflict,
    FileInfo,
    FileNotFound,
    FileType,
    IsADirectory,
    OriginKind,
    PachydermError,
    PathConflict,
    PathRange,
    PermissionDenied,
    Repo,
    RepoInfo,
    RepoNotFound,
    ServerError,
    Unavailable,
    Unsupported,
    Version,
)
from airflow_provider_pachyderm.client._async.session import AsyncSession
from airflow_provider_pachyderm.client._capabilities import Capabilities
from airflow_provider_pachyderm.client._dialects.calls import Call, Listing, Plan, Send
from airflow_provider_pachyderm.client._dialects.choose import ask_version, choose
from airflow_provider_pachyderm.client._dialects.commit_filter import CommitFilter
from airflow_provider_pachyderm.client._dialects.commits import ONE_CALL
from airflow_provider_pachyderm.client._dialects.downloads import Download
from airflow_provider_pachyderm.client._dialects.names_v1 import NamesV1
from airflow_provider_pachyderm.client._dialects.uploads import Upload

ID = "0123456789ab4def8123456789abcdef"
OTHER = "fedcba9876544321876543210fedcba9"
REPO = Repo("repo")
BY_ID = Commit(REPO, id=ID)
BY_BRANCH = Commit(REPO, "master")
KNOWN = Commit(REPO, "master", ID)
OPEN = CommitInfo(KNOWN, CommitState.OPEN, origin=OriginKind.USER)
FINISHED = CommitInfo(KNOWN, CommitState.FINISHED)
V1 = choose(Version(1, 13, 4))
V2 = choose(Version(2, 11, 6))


class Played:
    """A plan, carried out with the given answers: values are sent in, errors thrown in."""

    def __init__(self, plan: Plan[Any], *answers: Any) -> None:
        self.calls: list[str] = []
        self.steps: list[Call[Any] | Send] = []
        self.result: Any = None
        try:
            step = next(plan)
            for answer in answers:
                self._note(step)
                step = plan.throw(answer) if isinstance(answer, Exception) else plan.send(answer)
            self._note(step)
            raise AssertionError(f"not answered: {self.calls[-1]}")
        except StopIteration as stop:
            self.result = stop.value
        assert len(self.calls) == len(answers), "more answers than calls"

    def _note(self, step: Call[Any] | Listing[Any] | Send) -> None:
        step = source(step) if isinstance(step, Listing) else step
        self.steps.append(step)
        self.calls.append(step.method.name)


def source(listing: Listing[Any]) -> Call[Any]:
    """The call that a list is read from."""
    assert isinstance(listing.source, Call)
    return listing.source


def several(listing: Listing[Any]) -> Plan[Any]:
    """The plan of a list that takes several calls."""
    assert not isinstance(listing.source, Call)
    return listing.source()


# finishing and waiting


def test_finish() -> None:
    assert Played(V2.commits.finish(BY_ID, None, None, wait=False, started=True), None).calls == ["FinishCommit"]
    waited = Played(V2.commits.finish(BY_ID, None, None, wait=True, started=True), None, FINISHED)
    assert waited.calls == ["FinishCommit", "InspectCommit"]
    assert waited.steps[1].request.wait == v2.COMMIT_STATE_FINISHED  # type: ignore[union-attr]
    assert waited.result is FINISHED


def test_an_answer_to_finish_that_was_lost() -> None:
    def finish(*answers: Any) -> Played:
        return Played(V2.commits.finish(BY_ID, None, None, wait=False, started=True), *answers)

    assert finish(CommitFinished("again", attempts=2)).result is None
    with pytest.raises(CommitFinished):
        finish(CommitFinished("already", attempts=1))


@pytest.mark.parametrize("dialect", [V1, V2, choose(Version(2, 0, 8))])
def test_what_is_made_from_others_is_finished_oldest_first(dialect: Any) -> None:
    """D39, D56: finished newest first, servers finish neither, or leave out files."""
    parent = Commit(REPO, "master", OTHER)
    made = replace(OPEN, origin=OriginKind.AUTO, parent=parent)

    def finish(*answers: Any) -> list[str]:
        return Played(dialect.commits.finish(BY_ID, None, None, wait=False), *answers).calls

    before = replace(OPEN, commit=parent)
    with pytest.raises(CommitNotFinished, match=f"finish repo@master={OTHER} first"):
        finish(made, before)
    assert finish(made, replace(before, state=CommitState.FINISHED), None)[2:] == ["FinishCommit"]
    finishing = replace(before, state=CommitState.FINISHING)
    assert finish(made, finishing, None, None)[2:] == ["InspectCommit", "FinishCommit"]
    assert finish(CommitNotFound("the server says so itself"), None) == ["InspectCommit", "FinishCommit"]


@pytest.mark.parametrize(
    ("error", "kind"), [("file / directory path collision (/a)", PathConflict), ("boom", CommitFailed)]
)
def test_waiting_for_a_commit_that_fails(error: str, kind: type[Exception]) -> None:
    failed = CommitInfo(KNOWN, CommitState.FAILED, error=error)
    with pytest.raises(CommitFailed) as caught:
        Played(V2.commits.wait(BY_ID), failed)
    assert type(caught.value) is kind
    assert caught.value.server_text == error


def test_1x_commits_cannot_be_failed_on_purpose() -> None:
    with pytest.raises(Unsupported, match="drop the commit"):
        next(V1.commits.finish(BY_ID, None, "reason", wait=False))


# dropping


def test_drop_v1_looks_whether_it_is_gone() -> None:
    played = Played(V1.commit_removal.drop(BY_BRANCH), OPEN, None, CommitNotFound("gone"))
    assert played.calls == ["InspectCommit", "DeleteCommit", "InspectCommit"]
    assert played.steps[1].request.commit.id == ID  # type: ignore[union-attr]
    assert Played(V1.commit_removal.drop(BY_ID), OPEN, CommitNotFound("gone already")).result is None
    with pytest.raises(ServerError, match="still exists"):
        Played(V1.commit_removal.drop(BY_ID), OPEN, None, OPEN)


@pytest.mark.parametrize("dialect", [V1, V2])
@pytest.mark.parametrize("state", [CommitState.FINISHED, CommitState.FINISHING])
def test_no_finished_commit_is_dropped(dialect: Any, state: CommitState) -> None:
    with pytest.raises(CommitFinished):
        Played(dialect.commit_removal.drop(BY_ID), CommitInfo(KNOWN, state))


def test_a_commit_that_failed_is_dropped() -> None:
    failed = CommitInfo(KNOWN, CommitState.FAILED, error="boom", parent=BY_ID, origin=OriginKind.USER)
    played = Played(V2.commit_removal.drop(KNOWN), failed, [failed], None, FINISHED)
    assert played.calls == ["InspectCommit", "InspectCommitSet", "DropCommitSet", "InspectCommit"]


def test_a_commit_that_failed_stays_if_there_are_later_ones() -> None:
    failed = CommitInfo(KNOWN, CommitState.FAILED, error="boom", parent=BY_ID, origin=OriginKind.USER)
    later = replace(failed, children=(Commit(REPO, "master", OTHER),))
    assert Played(V2.commit_removal.drop(KNOWN), later, FINISHED).calls == ["InspectCommit", "InspectCommit"]
    played = Played(V2.commit_removal.drop(KNOWN), failed, [failed], Conflict("it has children"), later, FINISHED)
    assert played.calls[2:] == ["DropCommitSet", "InspectCommit", "InspectCommit"]
    with pytest.raises(Conflict):
        Played(V2.commit_removal.drop(KNOWN), failed, [failed], Conflict("others"), failed)


def test_the_last_one_takes_away_what_failed_before_it() -> None:
    ours = replace(OPEN, parent=BY_ID)
    theirs = CommitInfo(BY_ID, CommitState.FAILED, description=ONE_CALL, parent=Commit(REPO, id=OTHER))
    played = Played(V2.commit_removal.drop(KNOWN), ours, [ours], None, theirs, [theirs], None, FINISHED)
    assert played.calls[-4:] == ["InspectCommit", "InspectCommitSet", "DropCommitSet", "InspectCommit"]
    assert (
        Played(V2.commit_removal.drop(KNOWN), ours, [ours], None, replace(theirs, description="")).calls[-1]
        == "InspectCommit"
    )


def test_a_branch_goes_with_the_commit_that_made_it() -> None:
    left = CommitInfo(Commit(REPO, "master", OTHER), CommitState.FINISHED, origin=OriginKind.AUTO)
    played = Played(V2.commit_removal.drop(KNOWN), OPEN, [OPEN], None, left, None)
    assert played.calls[-2:] == ["InspectCommit", "DeleteBranch"]
    theirs = replace(left, origin=OriginKind.USER)
    assert Played(V2.commit_removal.drop(KNOWN), OPEN, [OPEN], None, theirs).calls[-1] == "InspectCommit"
    headless = BranchInfo(Branch(REPO, "master"))
    played = Played(V1.commit_removal.drop(KNOWN, new_branch=True), OPEN, None, CommitNotFound("gone"), headless, None)
    assert played.calls[-2:] == ["InspectBranch", "DeleteBranch"]


def test_drop_v2_alone_or_with_what_the_server_made() -> None:
    downstream = CommitInfo(Commit(Repo("out"), id=ID), CommitState.OPEN, origin=OriginKind.AUTO)
    played = Played(V2.commit_removal.drop(BY_ID), OPEN, [OPEN, downstream], None)
    assert played.calls == ["InspectCommit", "InspectCommitSet", "DropCommitSet"]


def test_set_v2_without_the_inputs_of_its_commits() -> None:
    call = source(V2.commit_sets.inspect(ID, wait=False))
    ours, theirs = (v2.CommitInfo(commit=v2.Commit(id=id, repo=v2.Repo(name="in"))) for id in (ID, OTHER))
    assert [info.commit.id for info in call.read(ours)] == [ID]
    assert [*call.read(theirs)] == []


def test_drop_v2_beside_what_others_made() -> None:
    theirs = CommitInfo(Commit(Repo("theirs"), id=ID), CommitState.OPEN, origin=OriginKind.USER)
    played = Played(choose(Version(2, 3, 9)).commit_removal.drop(BY_ID), OPEN, [OPEN, theirs], None, None)
    assert played.calls == ["InspectCommit", "InspectCommitSet", "ClearCommit", "FinishCommit"]
    assert played.steps[3].request.error == "dropped before it was complete"  # type: ignore[union-attr]
    played = Played(V2.commit_removal.drop(BY_ID), OPEN, [OPEN, theirs], None)
    assert played.calls == ["InspectCommit", "InspectCommitSet", "DropCommit"]
    played = Played(V2.commit_removal.drop(BY_ID), OPEN, [OPEN, theirs], Conflict("that has children"), None, None)
    assert played.calls[2:] == ["DropCommit", "ClearCommit", "FinishCommit"]


@pytest.mark.parametrize("refusal", [Conflict("subvenant"), PermissionDenied("needs permissions on CLUSTER")])
def test_drop_v2_that_is_refused(refusal: PachydermError) -> None:
    played = Played(V2.commit_removal.drop(BY_ID), OPEN, [OPEN], refusal, None, None)
    assert played.calls[2:] == ["DropCommitSet", "ClearCommit", "FinishCommit"]


# deleting a repo


@pytest.mark.parametrize(
    ("version", "answers", "calls"),
    [
        (Version(1, 13, 4), [], []),
        (Version(2, 5, 9), [], []),
        (Version(2, 6, 0), [RepoNotFound("gone")], ["InspectRepo"]),
        (Version(2, 11, 6), [PermissionDenied("no role binding exists")], ["InspectRepo"]),
    ],
)
def test_a_repo_that_is_gone(version: Version, answers: list[PachydermError], calls: list[str]) -> None:
    assert Played(choose(version).repos.check_deleted(REPO), *answers).calls == calls


def test_a_repo_that_was_left_without_a_word() -> None:
    with pytest.raises(PermissionDenied, match="repo repo still exists: the server lets only its owners delete it"):
        Played(V2.repos.check_deleted(REPO), RepoInfo(REPO))


# squashing


def test_squash_takes_one_commit_where_servers_can() -> None:
    played = Played(V2.commit_removal.squash(BY_ID, recursive=True), FINISHED, None)
    assert played.calls == ["InspectCommit", "SquashCommit"]
    assert played.steps[1].request.recursive  # type: ignore[union-attr]


def test_squash_v1_deletes_what_has_later_commits() -> None:
    inner = v1.CommitInfo(commit=v1.Commit(id=ID), child_commits=[v1.Commit(id=OTHER)])
    source = v1.CommitInfo(commit=v1.Commit(id=ID), child_commits=[v1.Commit(id=OTHER)], subvenance=[v1.CommitRange()])
    gone = CommitNotFound("gone")
    assert Played(V1.commit_removal.squash(BY_BRANCH, recursive=False), inner, None, gone).calls[1] == "DeleteCommit"
    assert Played(V1.commit_removal.squash(BY_BRANCH, recursive=True), source, None, gone).calls[1] == "DeleteCommit"
    for reply, why in ((v1.CommitInfo(commit=v1.Commit(id=ID)), "would be lost"), (source, "made from")):
        with pytest.raises(Conflict, match=why):
            Played(V1.commit_removal.squash(BY_BRANCH, recursive=False), reply)


def test_squash_takes_a_set_elsewhere_if_that_is_all() -> None:
    older = choose(Version(2, 3, 9))
    assert Played(older.commit_removal.squash(BY_ID, recursive=False), FINISHED, [FINISHED], None).calls[2:] == [
        "SquashCommitSet"
    ]
    assert Played(older.commit_removal.squash(BY_ID, recursive=True), FINISHED, [FINISHED, MADE], None).calls[2:] == [
        "SquashCommitSet"
    ]
    for recursive, members in ((False, [FINISHED, MADE]), (True, [FINISHED, IN_STEP])):
        with pytest.raises(Unsupported, match=r"2\.8\.0"):
            Played(older.commit_removal.squash(BY_ID, recursive=recursive), FINISHED, members)


@pytest.mark.parametrize(("version", "accepts"), [(Version(2, 5, 9), False), (Version(2, 6, 0), True)])
def test_a_set_that_is_gone_is_dropped(version: Version, accepts: bool) -> None:
    gone = CommitNotFound("no commits found for commitset")
    if accepts:
        with pytest.raises(CommitNotFound):
            Played(choose(version).commit_sets.drop(ID), gone)
    else:
        assert Played(choose(version).commit_sets.drop(ID), gone).calls == ["DropCommitSet"]


# listing


def started(number: int, origin: OriginKind = OriginKind.USER) -> CommitInfo:
    when = datetime(2024, 1, number, tzinfo=timezone.utc)
    return CommitInfo(Commit(REPO, id=f"{number:032x}"), CommitState.FINISHED, origin=origin, started=when)


@pytest.mark.parametrize(
    ("version", "wanted", "to", "number", "by_server"),
    [
        (Version(2, 11, 6), CommitFilter(), None, 3, True),
        (Version(2, 11, 6), CommitFilter(origin=OriginKind.AUTO, reverse=True), None, 3, True),
        (Version(2, 11, 6), CommitFilter(reverse=True), BY_BRANCH, 3, False),
        (Version(2, 3, 9), CommitFilter(before=started(2).started), None, 3, False),
        (Version(1, 13, 4), CommitFilter(origin=OriginKind.AUTO), None, 3, False),
        (Version(1, 13, 4), CommitFilter(reverse=True), None, 3, True),
        (Version(1, 8, 8), CommitFilter(reverse=True), None, 3, False),
    ],
)
def test_a_number_is_sent_only_if_the_server_counts_what_is_wanted(
    version: Version, wanted: CommitFilter, to: Commit | None, number: int, by_server: bool
) -> None:
    listing = choose(version).commits.list(REPO, to, None, number, wanted)
    assert listing.limit == number
    if wanted.reverse and not by_server:
        listing = next(several(listing))  # type: ignore[assignment]
    assert source(listing).request.number == (number if by_server else 0)  # type: ignore[attr-defined]


def test_what_the_client_chooses() -> None:
    infos = [started(3), started(2, OriginKind.AUTO), started(1)]
    listing: Listing[Any] = Listing(Call(v2_methods.Pfs.ListCommit, v2.ListCommitRequest(), lambda reply: [reply]))
    wanted = CommitFilter(OriginKind.USER, before=started(3).started).apply(listing)
    assert wanted.pick(infos) == [started(1)]
    turned = CommitFilter(reverse=True).apply(listing)
    assert Played(turned.all(), infos).result == infos[::-1]


def test_find_by_comparing() -> None:
    older = choose(Version(1, 13, 4))
    changed = [(FileInfo(BY_ID, "/a", FileType.FILE), None)]
    found = older.commit_search.find(BY_BRANCH, "/a", 2)
    played = Played(found.all(), FINISHED, [started(4), started(3), started(2), started(1)], changed, [], changed)
    assert played.calls == ["InspectCommit", "ListCommitStream", "DiffFile", "DiffFile", "DiffFile"]
    assert played.result == [started(4).commit, started(2).commit]
    with pytest.raises(CommitNotFinished):
        Played(found.all(), OPEN)


# deleting


IN_STEP = CommitInfo(Commit(Repo("theirs"), id=ID), CommitState.FINISHED, origin=OriginKind.USER)
MADE = CommitInfo(Commit(Repo("out"), id=ID), CommitState.FINISHED, origin=OriginKind.AUTO)
CHILD = Commit(REPO, id=OTHER)


def test_delete_v1_looks_whether_it_is_gone() -> None:
    played = Played(V1.commit_removal.delete(BY_BRANCH), FINISHED, None, CommitNotFound("gone"))
    assert played.calls == ["InspectCommit", "DeleteCommit", "InspectCommit"]
    with pytest.raises(ServerError, match="still exists"):
        Played(V1.commit_removal.delete(BY_ID), FINISHED, None, FINISHED)


@pytest.mark.parametrize(
    ("members", "call"),
    [
        ([FINISHED], "DropCommitSet"),
        ([FINISHED, MADE], "DropCommitSet"),
        ([replace(FINISHED, children=(CHILD,)), MADE], "SquashCommitSet"),
        ([FINISHED, replace(MADE, children=(CHILD,))], "SquashCommitSet"),
        # the same commit on another branch, as servers up to 2.5 make it
        ([replace(FINISHED, children=(Commit(REPO, "other", ID),))], "DropCommitSet"),
        # an input
        ([FINISHED, CommitInfo(CHILD, CommitState.FINISHED, children=(KNOWN,))], "DropCommitSet"),
    ],
)
def test_delete_v2_drops_or_squashes(members: list[CommitInfo], call: str) -> None:
    played = Played(V2.commit_removal.delete(BY_ID), FINISHED, members, None)
    assert played.calls == ["InspectCommit", "InspectCommitSet", call]
    assert played.steps[2].request.commit_set.id == ID  # type: ignore[union-attr]


def test_delete_v2_spares_what_others_made_in_one_step_with_it() -> None:
    with pytest.raises(Conflict, match=f"theirs@{ID}"):
        Played(choose(Version(2, 3, 9)).commit_removal.delete(BY_ID), FINISHED, [FINISHED, IN_STEP])
    assert Played(V2.commit_removal.delete(BY_ID), FINISHED, [FINISHED, IN_STEP], None).calls[2:] == ["DropCommit"]
    parent = replace(FINISHED, children=(CHILD,))
    assert Played(V2.commit_removal.delete(BY_ID), parent, [parent, IN_STEP], None).calls[2:] == ["SquashCommit"]


@pytest.mark.parametrize("dialect", [V1, V2])
def test_another_commit_than_the_one_named_is_not_deleted(dialect: Any) -> None:
    with pytest.raises(CommitNotFound):
        Played(dialect.commit_removal.delete(BY_ID), replace(FINISHED, commit=CHILD))


def test_all_repos_in_one_call_or_the_newest_first() -> None:
    def repo(name: str, day: int) -> RepoInfo:
        return RepoInfo(Repo(name), created=datetime(2024, 1, day, tzinfo=timezone.utc))

    assert Played(V1.repos.delete_every(None, force=False), None).calls == ["DeleteRepo"]
    assert Played(V2.repos.delete_every(None, force=False), None).calls == ["DeleteRepos"]
    for dialect, refused in ((V2, [Conflict("in the provenance of")]), (choose(Version(2, 4, 6)), [])):
        answers = [*refused, [repo("in", 1), repo("out", 2)], [], [], None, None]
        played = Played(dialect.repos.delete_every(None, force=False), *answers)
        assert played.calls[len(refused) :] == ["ListRepo", *["ListBranch"] * 2, *["DeleteRepo"] * 2]
        assert [step.request.repo.name for step in played.steps[-2:]] == ["out", "in"]  # type: ignore[union-attr]


def test_repos_go_before_those_that_they_are_made_from() -> None:
    """D22: also if these are newer."""
    late, out, end = (RepoInfo(Repo(name), created=datetime(2024, 1, day, tzinfo=timezone.utc))
                      for day, name in enumerate(("late", "out", "end"), 1))  # fmt: skip
    made_from = {"late": ["end", "out"], "out": [], "end": ["out"]}

    def branches(name: str) -> list[BranchInfo]:
        sources = tuple(Branch(Repo(source), "master") for source in made_from[name])
        return [BranchInfo(Branch(Repo(name), "master"), provenance=sources)]

    stuck = CommitNotFound("err fixing subvenance of upstream commit")
    newest_first = [branches(name) for name in ("end", "out", "late")]
    played = Played(V1.file_system.delete_all(), stuck, [late, out, end], *newest_first, None, None, None, None)
    assert played.calls == ["DeleteAll", "ListRepo", *["ListBranch"] * 3, *["DeleteRepo"] * 3, "DeleteAll"]
    deleted = [step.request for step in played.steps[5:8]]  # type: ignore[union-attr]
    assert [(request.repo.name, request.force) for request in deleted] == [("late", True), ("end", True), ("out", True)]


def test_what_cannot_be_deleted_says_why() -> None:
    stuck = CommitNotFound("err fixing subvenance of upstream commit")
    with pytest.raises(CommitNotFound) as caught:
        Played(V1.file_system.delete_all(), stuck, [RepoInfo(Repo("a"))], [], Conflict("no"))
    assert caught.value is stuck
    for refusal in (PermissionDenied("no"), Unavailable("gone")):
        with pytest.raises(type(refusal)):
            Played(V1.file_system.delete_all(), refusal)


# what is made from commits


def made(name: str, *sources: Commit) -> CommitInfo:
    return CommitInfo(Commit(Repo(name), "master", ID), CommitState.FINISHED, provenance=sources)


def test_flush_v2_finds_what_is_made_directly_or_not() -> None:
    middle, last, beside = made("middle", BY_ID), made("last", Commit(Repo("middle"), id=ID)), made("beside", CHILD)
    spec = CommitInfo(Commit(Repo("last", type="meta"), id=ID), CommitState.FINISHED, provenance=(BY_ID,))
    members = [FINISHED, last, middle, beside, spec]
    assert Played(V2.commits.flush([BY_BRANCH], []), FINISHED, members).result == [last, middle]
    played = Played(V2.commits.flush([BY_BRANCH], [Repo("middle", "default")]), FINISHED, members)
    assert played.result == [middle]
    assert played.calls == ["InspectCommit", "InspectCommitSet"]
    assert played.steps[1].request.wait is True  # type: ignore[union-attr]


def test_flush_v2_of_several_gives_what_is_made_from_all() -> None:
    other = CommitInfo(Commit(Repo("other"), "master", OTHER), CommitState.FINISHED)
    early = CommitInfo(Commit(Repo("out"), "master", OTHER), CommitState.FINISHED, provenance=(other.commit,))
    late = made("out", KNOWN, Commit(Repo("other"), id=OTHER))
    plan = V2.commits.flush([BY_BRANCH, other.commit], [])
    assert Played(plan, FINISHED, other, [FINISHED, late], [other, early]).result == [late]


def test_flush_of_a_commit_that_failed() -> None:
    for dialect in (V1, V2):
        with pytest.raises(CommitFailed):
            Played(dialect.commits.flush([BY_ID], []), CommitInfo(KNOWN, CommitState.FAILED, error="boom"))


# copying


def test_what_is_copied_is_named_by_the_id_of_its_commit() -> None:
    file = FileInfo(KNOWN, "/a", FileType.FILE)
    for dialect in (V1, V2):
        played = Played(dialect.copies.find(BY_BRANCH, "/a"), FINISHED, file)
        assert played.calls == ["InspectCommit", "InspectFile"]
        assert played.result.commit == KNOWN
        assert Played(dialect.copies.find(BY_ID, "/a"), file).calls == ["InspectFile"]
        with pytest.raises(FileNotFound):
            Played(dialect.copies.find(BY_ID, "/a"), FileNotFound("no"))


def test_copying_a_file() -> None:
    file = FileInfo(KNOWN, "/a", FileType.FILE)
    copy = FileInfo(KNOWN, "/b", FileType.FILE)
    v1 = Played(V1.copies.copy(file, Commit(REPO, "out"), "/b", append=False, fresh=False), None, [copy])
    # servers from 1.8 on copy nothing if the file has a header
    assert v1.calls == ["CopyFile", "WalkFile"]
    request = v1.steps[0].request  # type: ignore[union-attr]
    assert (request.src.commit.id, request.dst.commit.id, request.overwrite) == (ID, "out", True)
    with pytest.raises(Unsupported, match="header"):
        Played(V1.copies.copy(file, Commit(REPO, "out"), "/b", append=False, fresh=False), None, FileNotFound("no"))
    played = Played(V2.copies.copy(file, Commit(REPO, "out"), "/b", append=True, fresh=False), None)
    assert played.calls == ["ModifyFile"]
    sent = v2.ModifyFileRequest.FromString(played.steps[0].frames[1]).copy_file  # type: ignore[union-attr]
    assert (sent.dst, sent.append, sent.src.path, sent.src.commit.id) == ("/b", True, "/a", ID)
    # servers of 2.x fail without either
    assert (sent.src.commit.repo.name, sent.src.commit.branch.repo.name) == ("repo", "repo")


# writing


def test_a_write_by_id_looks_first() -> None:
    for dialect in (V1, choose(Version(2, 5, 9))):
        with pytest.raises(CommitNotFound):
            Played(dialect.commits.writable(BY_ID, started=False), CommitNotFound("no such commit"))
        with pytest.raises(CommitFinished):
            Played(dialect.commits.writable(BY_ID, started=False), FINISHED)
        # an id of another repo that the server takes for one that comes of it
        with pytest.raises(CommitNotFound):
            Played(dialect.commits.writable(Commit(REPO, id=OTHER), started=False), OPEN)
        assert Played(dialect.commits.writable(BY_ID, started=False), OPEN).calls == ["InspectCommit"]
        assert Played(dialect.commits.writable(Commit(REPO, "master^"), started=False), OPEN).calls == ["InspectCommit"]
    # what cannot be taken for something else, or was started by the same client, needs no look
    assert Played(V1.commits.writable(BY_ID, started=True)).calls == []
    assert Played(V2.commits.writable(KNOWN, started=False)).result == Commit(REPO, None, ID)
    assert Played(
        V2.commits.writable(Commit(REPO, id="0" * 32), started=False),
        CommitInfo(Commit(REPO, id="0" * 32), CommitState.OPEN),
    ).calls == ["InspectCommit"]
    # 1.4 takes a put to a finished commit, and forgets it
    assert Played(choose(Version(1, 4, 8)).commits.writable(BY_ID, started=True), OPEN).calls == ["InspectCommit"]


def removals(upload: Upload, *paths: str) -> list[str]:
    frames = [frame for path in paths for frame in upload.data(path, b"x", first=True)]
    messages = [v2.ModifyFileRequest.FromString(frame) for frame in frames]
    return [message.delete_file.path for message in messages if message.HasField("delete_file")]


def test_v2_removes_a_file_without_looking_for_it() -> None:
    played = Played(V2.uploads.prepare(BY_BRANCH, "/f", append=False))
    assert played.calls == []
    assert removals(played.result, "/f") == ["/f"]


def test_v2_looks_once_for_a_tree() -> None:
    played = Played(V2.uploads.prepare(BY_BRANCH, "/d", append=False, tree=True), ["/d/a", "/d/b"])
    assert played.calls == ["WalkFile"]
    assert removals(played.result, "/d/a", "/d/c") == ["/d/a"]
    for answer, expected in ((FileNotFound("no"), []), (CommitNotFinished("no"), ["/d/a"])):
        played = Played(V2.uploads.prepare(BY_BRANCH, "/d", append=False, tree=True), answer)
        assert removals(played.result, "/d/a") == expected


def test_errors_that_say_more_than_no_file_are_not_swallowed() -> None:
    with pytest.raises(RepoNotFound):
        Played(V2.uploads.prepare(BY_BRANCH, "/d", append=False, tree=True), RepoNotFound("no"))


def test_v2_deletes_a_file_or_a_directory() -> None:
    played = Played(V2.files.delete(BY_BRANCH, "/d", fresh=True), None)
    (step,) = played.steps
    assert isinstance(step, Send)
    messages = [v2.ModifyFileRequest.FromString(frame) for frame in step.frames]
    assert [message.delete_file.path for message in messages] == ["", "/d", "/d/"]
    assert messages[0].set_commit.branch.name == "master"


# reading


def test_v1_knows_how_much_has_to_come() -> None:
    info = FileInfo(KNOWN, "/f", FileType.FILE, size_bytes=100)
    for offset, size, expected in ((0, 0, 100), (40, 0, 60), (40, 10, 10), (95, 10, 5), (200, 0, 0)):
        download: Download = Played(V1.downloads.file(BY_BRANCH, "/f", offset, size), info).result
        assert download.expected == expected
        assert download.call.request.file.commit.id == ID  # type: ignore[attr-defined]


def test_v1_directories_are_not_read_as_empty() -> None:
    with pytest.raises(IsADirectory):
        finished = datetime(2024, 1, 1, tzinfo=timezone.utc)
        Played(V1.downloads.file(BY_BRANCH, "/d", 0, 0), FileInfo(KNOWN, "/d", FileType.DIR, committed=finished))


def test_v2_cuts_here_as_servers_have_no_size() -> None:
    info = FileInfo(BY_ID, "/f", FileType.FILE, size_bytes=100)
    download: Download = Played(V2.downloads.file(BY_BRANCH, "/f", 5, 10), info).result
    assert (download.limit, download.expected) == (10, 10)
    assert download.call.request.offset == 5  # type: ignore[attr-defined]


# subscribing


@pytest.mark.parametrize("dialect", [V1, V2])
def test_subscribing_skips_the_ancestors_of_the_cursor(dialect: Any) -> None:
    branch = Branch(REPO, "master")
    played = Played(
        dialect.subscriptions.subscribe(branch, BY_ID, CommitState.FINISHED), RepoInfo(REPO), FINISHED, [ID, OTHER]
    )
    assert played.calls[:2] == ["InspectRepo", "InspectCommit"]
    assert not played.result.cursor_lost
    call = source(played.result.listing)
    assert call.request.from_commit.id == ID  # type: ignore[attr-defined]
    reply = call.method.reply_type()
    for known in (ID, OTHER):
        reply.commit.id = known
        assert list(call.read(reply)) == []
    reply.commit.id = "a" * 32
    assert [info.commit.id for info in call.read(reply)] == ["a" * 32]


@pytest.mark.parametrize("dialect", [V1, V2])
def test_subscribing_after_a_cursor_that_is_gone_starts_at_the_head(dialect: Any) -> None:
    branch = Branch(REPO, "master")
    plan = dialect.subscriptions.subscribe(branch, BY_ID, CommitState.FINISHED)
    played = Played(plan, RepoInfo(REPO), CommitNotFound("gone"), [OTHER])
    assert played.result.cursor_lost
    assert not source(played.result.listing).request.HasField("from_commit")
    for nothing in (BranchNotFound("no"), BranchHasNoHead("no")):
        plan = dialect.subscriptions.subscribe(branch, BY_ID, CommitState.FINISHED)
        assert Played(plan, RepoInfo(REPO), CommitNotFound("gone"), nothing).result.cursor_lost


# versions


def test_version_of_2x_and_1x() -> None:
    assert Played(ask_version(), Version(2, 11, 6)).result == Version(2, 11, 6)
    played = Played(ask_version(), Unsupported("unknown service versionpb_v2.API"), Version(1, 13, 4))
    assert [step.method.path for step in played.steps] == ["/versionpb_v2.API/GetVersion", "/versionpb.API/GetVersion"]
    assert played.result == Version(1, 13, 4)


def test_odd_answers_to_the_version_call() -> None:
    skew = Unsupported(
        "", server_text="this server is running pachyderm 2.x, but your client appears to be an older version"
    )
    assert Played(ask_version(), Unsupported("no"), skew).result == Version(2, 0, 0)
    with pytest.raises(Unsupported, match="check that it is pachd"):
        Played(ask_version(), Unsupported("no"), Unsupported("no"))
    # UNIMPLEMENTED also stands for authentication that is off; that says nothing of the version
    with pytest.raises(AuthNotActivated):
        Played(ask_version(), AuthNotActivated("the auth service is not activated"))


# ranges of paths


@pytest.mark.parametrize(
    ("path", "lower", "asked"),
    [("/", "", "/"), ("/", "/", "/"), ("/", "/a", "/**"), ("/a", "/a/", "/a"), ("/a", "/a/b", "/a/**")],
)
def test_an_archive_of_what_is_behind_its_directory_is_asked_for_by_a_pattern(
    path: str, lower: str, asked: str
) -> None:
    request = V2.downloads.archive(KNOWN, path, PathRange(lower, "/z")).call.request
    assert (request.file.path, request.path_range) == (asked, v2.PathRange(lower=lower, upper="/z"))


def test_without_a_range_none_is_sent() -> None:
    assert not V2.downloads.archive(KNOWN, "/").call.request.HasField("path_range")
    assert not source(V2.files.glob(KNOWN, "/*")).request.HasField("path_range")
    before = choose(Version(2, 3, 9)).files.glob_within(KNOWN, "/*", PathRange("/a"))
    assert not source(before).request.HasField("path_range")


# what a dialect gives


@pytest.mark.parametrize("version", ["1.4.8", "1.7.14", "1.13.4", "2.3.9", "2.11.6"])
def test_a_dialect_gives_plans_and_what_is_opened(version: str) -> None:
    dialect = choose(Version.parse(version))
    areas = {name: area for name, area in vars(dialect).items() if name != "capabilities"}
    assert len(areas) > 15
    for name, area in areas.items():
        for method, made in inspect.getmembers(area, inspect.ismethod):
            given = str(inspect.signature(made).return_annotation)
            plain = given.startswith(("Plan[", "Listing[")) or given == "Download"
            assert plain or method.startswith("_"), f"{name}.{method} gives {given}"


def test_a_list_is_chosen_from_all_that_comes() -> None:
    def ask() -> Plan[list[int]]:
        yield from ()
        return [5, 2, 4, 1, 3]

    numbers: Listing[int] = Listing(ask, limit=2).where(lambda number: number < 5).where(lambda number: number != 4)
    assert Played(numbers.all()).result == [2, 1]
    missing = replace(numbers, absent=lambda: FileNotFound("none")).where(lambda number: number > 5)
    with pytest.raises(FileNotFound, match="none"):
        Played(missing.all())


def test_a_session_has_three_verbs() -> None:
    plain = {"version", "dialect", "refuse_in_transaction", "attempts", "close", "in_transaction", "metadata"}
    plain |= {"closed", "known_version"}
    assert {name for name in vars(AsyncSession) if not name.startswith("_")} - plain == {"run", "open", "send"}


@pytest.mark.parametrize(
    ("version", "plain", "with_a_star"),
    [
        ("1.9.7", "/a(b)", "/a[\\(]b\\)\\*"),
        ("1.9.8", "/a[\\(]b\\)", "/a[\\(]b\\)\\*"),
        ("1.13.4", "/a[\\(]b\\)", "/a[\\(]b\\)\\*"),
    ],
)
def test_parentheses_alone_make_no_pattern_before_1_9_8(version: str, plain: str, with_a_star: str) -> None:
    names = NamesV1(Capabilities(Version.parse(version)))
    assert names.exact_file(BY_ID, "/a(b)").path == plain
    assert names.exact_file(BY_ID, "/a(b)*").path == with_a_star
