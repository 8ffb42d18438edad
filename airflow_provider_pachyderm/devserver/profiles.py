"""What differs between versions of Pachyderm, as one table of named rules.

Each rule is a timeline: ``(since, value)`` pairs in ascending order; a value holds until the next pair. The engine and
the servicers are handed a :class:`Profile` and ask it; no other file compares versions.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from airflow_provider_pachyderm.devserver import contract, contract_v1, contract_v2
from airflow_provider_pachyderm.devserver.engine import role_tables
from airflow_provider_pachyderm.devserver.engine.commits import names
from airflow_provider_pachyderm.devserver.engine.files import globs, paths
from airflow_provider_pachyderm.devserver.engine.project_rules import ProjectRules
from airflow_provider_pachyderm.devserver.engine.role_tables import Role
from airflow_provider_pachyderm.devserver.engine.texts import Texts, TextsV1, TextsV2
from airflow_provider_pachyderm.devserver.engine.texts_early import TextsEarlyV2, TextsV2_8
from airflow_provider_pachyderm.devserver.engine.texts_v1 import TextsV1_4, TextsV1_7
from airflow_provider_pachyderm.devserver.rules_v1 import GraphRules, PutRules, ReadRules, TreeRules

DEFAULT_VERSION = "2.11.6"
RECORDED = (
    "1.4.8", "1.5.3", "1.6.10", "1.7.14", "1.8.8", "1.9.12", "1.10.5", "1.11.9", "1.12.5", "1.13.4",
    "2.0.8", "2.1.9", "2.2.8", "2.3.9", "2.4.6", "2.5.9", "2.6.11", "2.7.8", "2.8.10", "2.9.7",
    "2.10.7", "2.11.6", "2.12.0-rc.3",
)  # fmt: skip
"""Versions that a real server was recorded of, one of each minor version."""


def _numbers(version: str) -> tuple[int, ...]:
    # a release candidate has the rules of its release
    parts = version.partition("-")[0].split(".")
    return tuple(int(part) for part in parts) if all(part.isdecimal() for part in parts) else ()


# the last release of each minor version that is played
_LAST = {
    "1.4": 8, "1.5": 3, "1.6": 10, "1.7": 14, "1.8": 8, "1.9": 12, "1.10": 5, "1.11": 9, "1.12": 5, "1.13": 4,
    "2.0": 8, "2.1": 9, "2.2": 8, "2.3": 9, "2.4": 6, "2.5": 9, "2.6": 11, "2.7": 8, "2.8": 10, "2.9": 7,
    "2.10": 7, "2.11": 6,
}  # fmt: skip
_OTHERS = ("2.6.1.2", "2.12.0-rc.1", "2.12.0-rc.3")
PLAYED = tuple(
    sorted(
        (*(f"{minor}.{micro}" for minor, last in _LAST.items() for micro in range(last + 1)), *_OTHERS), key=_numbers
    )
)
"""Every version that can be played, oldest first."""
INFERRED = tuple(version for version in PLAYED if version not in RECORDED)
"""Versions built from the wire facts and their recorded neighbours."""

_MiB = 1024 * 1024


class UnknownVersion(ValueError):
    """A version that this server does not play."""


@dataclass(frozen=True)
class Profile:
    """The rules of one version.

    :param version: what was asked for, e.g. ``"2.11.6"``.
    :param reported: what GetVersion says; the tag 1.11.9 says 1.12.0.
    :param world: ``"v1"`` or ``"v2"``: which services exist.
    :param texts: the words of refusals.
    :param path_rules: which paths may be written.
    :param glob_dialect: which patterns are understood.
    :param message_size: bytes of content in one message of GetFile.
    :param head_always: a branch never lacks a head: creating one makes an empty commit.
    :param shared_ids: commits made together (a set) share their id.
    :param finish_in_background: FinishCommit returns before the commit is finished.
    :param delete_needs_slash: deleting a directory takes a trailing slash.
    :param provenance_outlives: branches and commits go on naming inputs that were deleted.
    :param one_repo_in_graph: two branches of one repo may not be in one graph of provenance.
    :param open_output_unreadable: downstream commits cannot be read before they are finished.
    :param output_check_first: StartCommit looks at provenance before it looks at the parent.
    :param own_branch_is_moved: StartCommit moves the branch before it looks for the parent, so that a parent by the
        name of the branch is the new commit, which is not there yet.
    :param delete_missing_branch_fails: DeleteBranch of a branch that is not there is an error.
    :param unknown_id_writes_to_branch: a write to a commit id that does not exist goes to the branch named with it.
    :param names_resolved_commit: a missing file is reported with the id of the commit, else with the id as asked for.
    :param subscribe_needs_repo: SubscribeCommit in a missing repo is an error, and ends with the repo; else it waits.
    :param head_of_own_repo: CreateBranch takes no head from a repo of another name.
    :param head_before_repo: CreateBranch looks for the head before it looks for the repo.
    :param limited_list_breaks: ListCommit fails with "BREAK" when ``number`` cuts the list of a whole repo.
    :param dashed_transactions: ids of transactions are written with dashes.
    :param repo_order: how ListRepo sorts, as SQL.
    :param context: what errors of a step are prefixed with, by step.
    :param lacks: calls, and fields of messages, that the version does not know, see ``contract.py``.
    :param old_clients_told: a call to 1.x or to an unknown name is refused by what checks who is calling.
    :param commits_by_branch: a commit is known by its branch and id. A set has a commit on every branch that it is made
        from: an ALIAS of the head, if nothing new was written there.
    :param replies_name_branch: commits are answered with the branch they were made on.
    :param branch_name_outlives: also after that was deleted.
    :param waits_for_finishing: InspectCommit can wait until a commit is finishing.
    :param clash_unreadable: where a file and a directory, or files of two datums, have one path, reading fails.
    :param range_end: what is looked at behind a range of paths, see :class:`.snapshots.entries.Span`.
    :param pages_repeat_marker: a page of a list begins with its marker, else behind it.
    :param negative_reverse: status and words for a reversed list of a negative number of files.
    :param root_copied: CopyFile of the root copies all there is, else nothing.
    :param copies_stand_apart: what is copied and written to one file in one stream stands side by side, so that the
        commit fails.
    :param deletes_are_checked: paths to delete are checked as those to write (2.x), else taken as they are.
    :param triggers_seen_as_oldest: the look for loops of triggers takes the oldest branch for every one of its repo.
    :param triggers_hold: which branches triggers keep from being deleted: those that are ``"followed"``, or ``"both"``
        those and what follows them. Where they do, those that follow a deleted one do not any more.
    :param circles_refused: provenance in a circle is looked for, else found if commits cannot be made in it.
    :param moved_stay: a branch whose head moves gets no commit itself, only what is downstream.
    :param given_heads_follow: an output branch that is given a head gets a commit on top of it.
    :param inputs_outlive: commits go on naming inputs whose repo was deleted (2.x).
    :param default_undated: the project that is always there has no creation time, until all was deleted once.
    :param check_storage_fails: CheckStorage fails unless it is to read the content.
    :param deadline_over: what is told now and then when the time of a caller who waits is up.
    :param no_repo: status and words for a DeleteRepo that names none.
    :param picks_commits: commits are looked up anew, in words of their own (2.12).
    :param missing_set_drops: to squash or drop a set that is not there is no error.
    :param details: which commits have details, be they empty: those that are ``"finished"`` without an error, also
        those that were ``"started"`` by users and are not finished, or all of them, ``"always"``.
    :param repo_name: what the name of a repo is called where it is refused.
    :param branch_names: what may be the name of a branch.
    :param ancestry: marks of ancestry that are understood.
    :param ancestry_strict: a mark with nonsense after it is refused, else it is a part of the name.
    :param branches_shadow_ids: a commit is looked up as a branch, then as an id; what has neither is a missing commit.
        Branches always have a head: they go with their last commit.
    :param empty_id_refused: a commit without an id is refused as such, else the branch without a name is looked for.
    :param branch_order: what ListBranch sorts by, newest first.
    :param branch_list_needs_repo: ListBranch in a missing repo is an error, else empty.
    :param subscribe_from: what ``from`` of SubscribeCommit leaves out: ``"it"``, it and what is ``"before"`` it, or
        that but not it if it is the ``"head"``.
    :param subscribe_finished: SubscribeCommit sends commits when they are finished, and only then.
    :param subscribe_no_branch: SubscribeCommit without a branch gives ``"all"`` commits, none, or is ``"refused"``.
    :param open_unreadable: no open commit can be read.
    :param flush_by_repo: repos, not branches, have provenance; FlushCommit waits for a commit in each downstream one.
    :param delete_open_only: only open commits can be deleted.
    :param delete_missing_repo_fails: DeleteRepo of a repo that is not there is an error.
    :param update_creates: CreateRepo with ``update`` makes a repo that is not there, else that is an error.
    :param delete_branch_by_name: DeleteBranch takes a repo and a text.
    :param missing_messages_crash: real servers die of a request without an inner message that it needs.
    :param missing_parent_crashes: also of StartCommit without a parent.
    :param one_shot: a write to a branch whose head is finished, or that is missing, makes a commit.
    :param puts_to_finished_lost: a put to a finished commit is accepted, and lost.
    :param output_loses_files: finished downstream commits read as empty, but their files are counted and inherited.
    :param flush_waits_for_input: FlushCommit ends after its inputs are finished.
    :param size_of_all_commits: the size of a repo is that of all its commits, else that of the head of master.
    :param reading: how files are read (1.x).
    :param putting: how files are put (1.x).
    :param tree_rules: what becomes of what was written (1.x).
    :param graph: how branches and commits know what is made from them (1.x).
    :param block_flag: InspectCommit waits for the end or not at all.
    :param fsck_is_unary: Fsck answers once, with nothing.
    :param unknown_method: the words for a call that there is not.
    :param auth_inactive: the status of auth calls while there is no authentication.
    :param auth_refused: the status of calls without a token that holds.
    :param no_token: the words for calls without a token.
    :param bad_token: the words for calls with one that does not hold.
    :param check_wrapped: calls that are about a repo look for a token themselves, and say this of what is wrong with
        it; without these words it is looked for before any call.
    :param not_authorized: the status of calls that only others may make.
    :param refused: the words for them.
    :param not_admin: the words for calls that only the administrator may make (1.x).
    :param endless_tokens: an administrator may ask for a token that holds for ever, by a negative time (1.x).
    :param longest_token: seconds that a token holds at most which an administrator asks for (1.x); 0: for ever.
    :param root_user: the administrator.
    :param user_kind: what stands before the names of people.
    :param principals: what may stand before the names of all who can be given rights (1.x); anything, if none.
    :param already_active: status and words for turning authentication on while it is.
    :param roles: the roles there are, by their names (2.x).
    :param tells_by_role: GetPermissions tells all that roles for a kind of resource allow, else what was found.
    :param leaves_quietly: DeleteRepo of a repo that one may not delete leaves it without a word.
    :param drops_for_all: only who may delete the commits of all repos may squash or drop any.
    :param failed_are_checked: a commit that is finished with an error gets details and a size like others.
    :param open_base_readable: an open commit can be read while its parent is not finished yet.
    :param provenance_along_branches: StartCommit takes only commits of branches that its branch is made from.
    :param reuses_outputs: a branch whose inputs go back to a set goes back to the commit that it has there (up to 2.5).
    :param validates: requests without what they need are refused before anything else, with a status of its own.
    :param trigger_needs_branch: a trigger's branch has to be there.
    :param trigger_skips_root: the empty commit that a branch begins with does not count as a commit that came.
    :param rate_limit_name: what limits how often a trigger fires is called so in refusals.
    :param cron_never: ``@never`` is a cron expression.
    :param projects: how projects are treated.
    :param keeps_changes: what a commit changed is still known when it is finished.
    :param file_set_handles: the id of a file set has a dot and a hash of its content behind it.
    :param diff_sets_by_id: what a commit changed is found by the commit's id only, not by its branch.
    """

    version: str
    reported: str
    world: str
    texts: Texts
    path_rules: paths.PathRules
    glob_dialect: globs.GlobDialect
    message_size: int
    head_always: bool
    shared_ids: bool
    finish_in_background: bool
    delete_needs_slash: bool
    provenance_outlives: bool
    one_repo_in_graph: bool
    open_output_unreadable: bool
    output_check_first: bool
    own_branch_is_moved: bool
    delete_missing_branch_fails: bool
    unknown_id_writes_to_branch: bool
    names_resolved_commit: bool
    subscribe_needs_repo: bool
    head_of_own_repo: bool
    head_before_repo: bool
    limited_list_breaks: bool
    dashed_transactions: bool
    repo_order: str
    context: dict[str, str]
    lacks: frozenset[str]
    old_clients_told: bool
    commits_by_branch: bool
    replies_name_branch: bool
    branch_name_outlives: bool
    waits_for_finishing: bool
    clash_unreadable: bool
    range_end: str
    pages_repeat_marker: bool
    negative_reverse: tuple[str, str]
    root_copied: bool
    copies_stand_apart: bool
    deletes_are_checked: bool
    triggers_seen_as_oldest: bool
    triggers_hold: str
    circles_refused: bool
    moved_stay: bool
    given_heads_follow: bool
    inputs_outlive: bool
    default_undated: bool
    check_storage_fails: bool
    deadline_over: str
    no_repo: tuple[str, str]
    picks_commits: bool
    missing_set_drops: bool
    failed_are_checked: bool
    open_base_readable: bool
    provenance_along_branches: bool
    reuses_outputs: bool
    validates: bool
    trigger_needs_branch: bool
    trigger_skips_root: bool
    rate_limit_name: str
    cron_never: bool
    projects: ProjectRules
    keeps_changes: bool
    file_set_handles: bool
    diff_sets_by_id: bool
    details: str
    repo_name: str
    branch_names: names.BranchNames
    ancestry: str
    ancestry_strict: bool
    branches_shadow_ids: bool
    empty_id_refused: bool
    branch_order: str
    branch_list_needs_repo: bool
    subscribe_from: str
    subscribe_finished: bool
    subscribe_no_branch: str
    open_unreadable: bool
    flush_by_repo: bool
    delete_open_only: bool
    delete_missing_repo_fails: bool
    update_creates: bool
    delete_branch_by_name: bool
    missing_messages_crash: bool
    missing_parent_crashes: bool
    one_shot: bool
    puts_to_finished_lost: bool
    output_loses_files: bool
    flush_waits_for_input: bool
    size_of_all_commits: bool
    reading: ReadRules
    putting: PutRules
    tree_rules: TreeRules
    graph: GraphRules
    block_flag: bool
    fsck_is_unary: bool
    unknown_method: str
    auth_inactive: str
    auth_refused: str
    no_token: str
    bad_token: str
    check_wrapped: str
    not_authorized: str
    refused: str
    not_admin: str
    endless_tokens: bool
    longest_token: int
    root_user: str
    user_kind: str
    principals: frozenset[str]
    already_active: tuple[str, str]
    roles: dict[str, Role]
    tells_by_role: bool
    leaves_quietly: bool
    drops_for_all: bool


_CONTEXT_V1 = {"parent": "parent commit not found", "delete commit": "resolveCommit"}
_CONTEXT_V1_13 = {
    **_CONTEXT_V1,
    "fold": "failed to get tree for open commit",
    "count finished": "failed to update provenance",
}
_CONTEXT_V2 = {
    "start commit": "start commit in transaction",
    "parent": "parent commit not found",
    "name a branch": "start commit",
    "name a branch to create": "create branch",
    "compare files": "inspect commitHandle",
    "resolve to finish": "finish commit in transaction",
    "resolve to inspect": "inspect commitHandle",
    "get file": "get file",
    "get file set": "get file set",
    "add file set": "add file set",
    "inspect branch": "inspect branch in transaction",
    "list commits": "ensure repo exists",
    "input branch": "create empty commit",
    "delete repo": "delete repo",
}

_CONTEXT_V2_0 = {"parent": "parent commit not found", "delete repo": "error deleting branches"}
_CONTEXT_V2_8 = {**_CONTEXT_V2_0, "list commits": "ensure repo exists", "delete repo": "delete repo"}

_TAKEN = 'cannot create "{name}" as it already exists'
_BOTH = """branch "{through}" cannot be both in "{branch}"'s provenance and subvenance"""
_TRY_TAR = (
    "cannot get non-regular file. Try GetFileTAR for directories",
    "matched multiple files. Try GetFileTAR",
)
_NOT_YOURS = "not authorized to perform this operation on the repo {name}"
_TRANSACTIONS = " /pachyderm_pfs/transactions/"
_NOT_OPEN = "pachyderm_pfs/openCommits/ {id} not found"
_COUNTED = "pachyderm_pfs/repoRefCounts/ {name} already exists"
_NO_COMMIT = "commit {id} not found in repo {repo}"
_GONE = 'cannot delete "{name}" as it does not exist'
_OLD: dict[str, Any] = {"parents_by_repo": False, "blocked_by_file": False, "transactions": _TRANSACTIONS}

_RULES: dict[str, list[tuple[str, Any]]] = {
    "world": [("1.4", "v1"), ("2.0", "v2")],
    "texts": [
        ("1.4", TextsV1_4(_COUNTED, **_OLD)),
        ("1.5", TextsV1_4(_COUNTED, closed="commit {id} is not open", **_OLD)),
        ("1.6", TextsV1_4(_TAKEN, closed=_NOT_OPEN, commit_missing=_NO_COMMIT, missing=_GONE, **_OLD)),
        ("1.7", TextsV1_7(_TAKEN, no_head='the branch "{name}" is nil', **_OLD)),
        ("1.7.2", TextsV1_7(_TAKEN, **_OLD)),
        ("1.9", TextsV1(_TAKEN, **_OLD)),
        ("1.11", TextsV1(_TAKEN, transactions=_TRANSACTIONS)),
        ("1.11.5", TextsV1(transactions=_TRANSACTIONS)),
        ("1.13", TextsV1()),
        ("2.0", TextsEarlyV2(coded=False, projects=False, commits_by_repo=True, tar_words=_TRY_TAR)),
        ("2.0.2", TextsEarlyV2(coded=False, projects=False, tar_words=_TRY_TAR)),
        ("2.1", TextsEarlyV2(bare=True, few_coded=True, projects=False, tar_words=_TRY_TAR)),
        ("2.2.1", TextsEarlyV2(projects=False, tar_words=_TRY_TAR)),
        ("2.3", TextsEarlyV2(projects=False)),
        ("2.5", TextsEarlyV2()),
        ("2.6", TextsEarlyV2(by_branch=False)),
        ("2.7", TextsEarlyV2(by_branch=False, loop=_BOTH)),
        ("2.8", TextsV2_8()),
        ("2.9", TextsV2()),
    ],
    "path_rules": [
        ("1.4", paths.V1_4),
        ("1.6.8", paths.V1_6_8),
        ("1.7", paths.V1_7),
        ("1.7.2", paths.V1_7_2),
        ("1.9", paths.V1_9),
        ("2.0", paths.V2),
    ],
    "glob_dialect": [
        ("1.4", globs.V1_4),
        ("1.6", globs.V1_6),
        ("1.7", globs.V1_7),
        ("1.8", globs.V1_8),
        # ohmyglob; in 1.12.5 a newer one, which does not panic
        ("1.9.4", globs.V1_9),
        ("1.12.5", globs.V1_13),
        ("2.0", globs.V2),
    ],
    "message_size": [("1.4", 2 * _MiB), ("2.0", 19 * _MiB)],
    "head_always": [("1.4", False), ("2.0", True)],
    "shared_ids": [("1.4", False), ("2.0", True)],
    "finish_in_background": [("1.4", False), ("2.0", True)],
    "delete_needs_slash": [("1.4", False), ("2.0", True)],
    "provenance_outlives": [("1.4", True), ("2.0", False)],
    "one_repo_in_graph": [("1.4", False), ("2.6", True)],
    "open_output_unreadable": [("1.4", False), ("1.8", True), ("2.0", False)],
    "output_check_first": [("1.4", True), ("2.8", False)],
    "own_branch_is_moved": [("1.4", False), ("1.7", True), ("2.8", False)],
    "delete_missing_branch_fails": [("1.4", True), ("1.7", False), ("2.8", True)],
    "unknown_id_writes_to_branch": [("1.4", False), ("2.0", True)],
    "names_resolved_commit": [("1.4", True), ("2.11", False)],
    "subscribe_needs_repo": [("1.4", False), ("2.8", True)],
    "head_of_own_repo": [("1.4", False), ("2.0", True)],
    "head_before_repo": [("1.4", True), ("1.11", False)],
    # seen in 1.9.12; 1.9.6 is where the call was rewritten for ``reverse``
    "limited_list_breaks": [("1.4", False), ("1.9.6", True), ("1.11", False)],
    "dashed_transactions": [("1.4", True), ("2.0", False)],
    "repo_order": [("1.4", "num DESC"), ("2.8", "num"), ("2.10", "project, name")],
    "context": [
        ("1.4", {}),
        ("1.6", {"parent": "parent commit not found"}),
        ("1.7", _CONTEXT_V1),
        ("1.13", _CONTEXT_V1_13),
        ("2.0", _CONTEXT_V2_0),
        ("2.8", _CONTEXT_V2_8),
        ("2.11", _CONTEXT_V2),
        ("2.12", {**_CONTEXT_V2, "resolve to inspect": "", "compare files": ""}),
    ],
    "lacks": [
        *contract.timeline(contract_v1.CHANGES, contract_v1.FIRST),
        *contract.timeline(contract_v2.CHANGES, contract_v2.FIRST),
    ],
    "old_clients_told": [("1.4", False), ("2.0", True), ("2.4.2", False)],
    "commits_by_branch": [("1.4", False), ("2.0", True), ("2.6", False)],
    "replies_name_branch": [("1.4", False), ("2.0", True), ("2.11", False)],
    "branch_name_outlives": [("1.4", True), ("2.8", False)],
    "waits_for_finishing": [("1.4", False), ("2.5", True)],
    "clash_unreadable": [("1.4", False), ("2.11", True)],
    "range_end": [
        *(("1.4", "nothing"), ("2.4.5", "named"), ("2.8.5", "next")),
        *(("2.9", "named"), ("2.9.1", "next")),
    ],
    "pages_repeat_marker": [("1.4", False), ("2.4", True), ("2.7", False)],
    "negative_reverse": [
        ("1.4", ("UNAVAILABLE", "a real server crashes here: makeslice: len out of range")),
        ("2.11", ("ABORTED", "panic: runtime error: makeslice: len out of range")),
    ],
    "root_copied": [("1.4", True), ("2.0", False), ("2.2", True)],
    "copies_stand_apart": [("1.4", False), ("2.1", True)],
    "deletes_are_checked": [("1.4", True), ("2.0", False), ("2.2", True)],
    "triggers_seen_as_oldest": [("1.4", False), ("2.0", True), ("2.6.6", False)],
    "triggers_hold": [("1.4", ""), ("2.8", "followed"), ("2.9", "both")],
    "circles_refused": [("1.4", True), ("2.6", False), ("2.7", True)],
    "moved_stay": [("1.4", False), ("2.6", True)],
    # seen, though not always; not in the source
    "given_heads_follow": [("1.4", False), ("2.8", True)],
    "inputs_outlive": [("1.4", False), ("2.6", True), ("2.8", False)],
    "default_undated": [("1.4", False), ("2.6", True), ("2.7", False)],
    # seen in 2.7.8 and 2.8.10
    "check_storage_fails": [("1.4", False), ("2.7", True), ("2.9", False)],
    # seen in 2.2.8, 2.7.8 and 2.12.0-rc.3
    "deadline_over": [
        ("1.4", "context deadline exceeded"),
        ("2.12", "inspect finishing or finished commit: watcher cancelled: context deadline exceeded"),
    ],
    "no_repo": [("1.4", ("UNKNOWN", "must specify repo")), ("2.5", ("INVALID_ARGUMENT", "no repo specified"))],
    "picks_commits": [("1.4", False), ("2.12", True)],
    "missing_set_drops": [("1.4", False), ("2.6", True)],
    "details": [("1.4", "always"), ("2.0", "finished"), ("2.6", "started"), ("2.8", "always")],
    "failed_are_checked": [("1.4", False), ("2.0", True), ("2.1", False)],
    "open_base_readable": [("1.4", False), ("2.0", True), ("2.1.1", False)],
    "provenance_along_branches": [("1.4", False), ("1.9", True)],
    "reuses_outputs": [("1.4", False), ("2.1", True)],
    "validates": [("1.4", False), ("2.8", True)],
    "trigger_needs_branch": [("1.4", False), ("2.8", True)],
    "trigger_skips_root": [("1.4", False), ("2.8", True)],
    "rate_limit_name": [("1.4", "cron spec"), ("2.6.6", "rate limit spec")],
    "cron_never": [("1.4", False), ("2.6", True)],
    "projects": [
        ("1.4", ProjectRules()),
        ("2.5", ProjectRules.V2_5),
        ("2.6", ProjectRules.V2_6),
        ("2.7", ProjectRules.V2_7),
        ("2.8", ProjectRules.V2_8),
        ("2.10", ProjectRules()),
    ],
    "keeps_changes": [("1.4", False), ("2.0", True)],
    "file_set_handles": [("1.4", False), ("2.12", True)],
    "diff_sets_by_id": [("1.4", False), ("2.9", True), ("2.11", False)],
    "repo_name": [("1.4", "repo name"), ("1.9", "name")],
    "branch_names": [
        ("1.4", names.BranchNames(plain=False, no_ids=False)),
        ("1.5", names.BranchNames(plain=False, no_ids=False, long=False)),
        ("1.7", names.BranchNames(plain=False)),
        ("1.9", names.BranchNames()),
    ],
    "ancestry": [("1.4", ""), ("1.6", "^~"), ("1.9", "^~.")],
    "ancestry_strict": [("1.4", False), ("1.9", True)],
    "branches_shadow_ids": [("1.4", True), ("1.7", False)],
    "empty_id_refused": [("1.4", False), ("1.8", True)],
    "branch_order": [("1.4", "updated"), ("1.7", "num")],
    "branch_list_needs_repo": [("1.4", False), ("1.9", True)],
    # 1.9.6 is where the call was rewritten
    "subscribe_from": [("1.4", "head"), ("1.5", "before"), ("1.9.6", "it")],
    "subscribe_finished": [("1.4", True), ("1.7", False)],
    "subscribe_no_branch": [("1.4", "all"), ("1.6", ""), ("1.8", "refused"), ("1.9", "all")],
    "open_unreadable": [("1.4", True), ("1.5", False)],
    "flush_by_repo": [("1.4", True), ("1.7", False)],
    "delete_open_only": [("1.4", True), ("1.7", False)],
    "delete_missing_repo_fails": [("1.4", True), ("1.7", False)],
    "update_creates": [("1.4", False), ("1.8", True)],
    "delete_branch_by_name": [("1.4", True), ("1.7", False)],
    "missing_messages_crash": [("1.4", True), ("1.9.10", False)],
    "missing_parent_crashes": [("1.4", False), ("1.5", True), ("1.7", False)],
    "one_shot": [("1.4", False), ("1.7.2", True)],
    "puts_to_finished_lost": [("1.4", True), ("1.5", False)],
    "output_loses_files": [("1.4", False), ("1.8", True), ("1.9", False)],
    "flush_waits_for_input": [("1.4", False), ("1.8.5", True)],
    "size_of_all_commits": [("1.4", True), ("1.8.5", False)],
    "reading": [
        ("1.4", ReadRules.V1_4),
        ("1.5", ReadRules.V1_5),
        ("1.6", ReadRules.V1_6),
        ("1.7", ReadRules.V1_7),
        ("1.7.2", ReadRules.V1_7_2),
        ("1.7.6", ReadRules.V1_7_6),
        ("1.8", ReadRules.V1_8),
        ("1.9", ReadRules()),
    ],
    "putting": [
        ("1.4", PutRules.V1_4),
        ("1.5", PutRules.V1_5),
        ("1.5.3", PutRules.V1_5_3),
        ("1.6", PutRules.V1_6),
        ("1.7", PutRules.V1_7),
        ("1.7.6", PutRules.V1_7_6),
        ("1.7.10", PutRules.V1_7_10),
        ("1.8", PutRules.V1_8),
        ("1.8.3", PutRules.V1_8_3),
        ("1.9", PutRules.V1_9),
        ("1.9.4", PutRules.V1_9_4),
        ("1.11.8", PutRules()),
    ],
    "tree_rules": [
        ("1.4", TreeRules.V1_4),
        # driver.upsertPutFileRecords: records joined by path since 1.6.7, applied by their last changes since 1.7.2
        ("1.6.7", TreeRules.V1_6_7),
        ("1.7.2", TreeRules.V1_7_2),
        # hashtree.PutHeaderFooter
        ("1.7.10", TreeRules.V1_7_10),
        ("1.8", TreeRules.V1_8),
        # driver.copyFile divides by the number of trees
        ("1.10", TreeRules.V1_10),
        # hashtree.deleteDir looks anew after each entry
        ("1.11.8", TreeRules()),
    ],
    # driver.go: appendSubvenance, propagateCommit(s), deleteCommit, createBranch, deleteRepo, flushCommit; trigger.go
    "graph": [
        ("1.4", GraphRules.V1_4),
        ("1.7", GraphRules.V1_7),
        ("1.8", GraphRules.V1_8),
        ("1.8.7", GraphRules.V1_8_7),
        ("1.9", GraphRules.V1_9),
        ("1.9.2", GraphRules.V1_9_2),
        ("1.9.6", GraphRules.V1_9_6),
        ("1.9.9", GraphRules.V1_9_9),
        ("1.11.4", GraphRules.V1_11_4),
        ("1.12", GraphRules()),
    ],
    "block_flag": [("1.4", True), ("1.7.1", False)],
    "fsck_is_unary": [("1.4", True), ("1.9.4", False)],
    "unknown_method": [
        ("1.4", "unknown method {name}"),
        ("1.8", "unknown service {service}"),
        ("1.9", "unknown method {name} for service {service}"),
    ],
    "auth_inactive": [("1.4", "UNKNOWN"), ("1.7.2", "UNIMPLEMENTED")],
    "auth_refused": [("1.4", "UNKNOWN"), ("1.7.2", "UNAUTHENTICATED")],
    "no_token": [
        ("1.4", "auth token not found in context"),
        ("1.6", "auth token not found in context (user may not be signed in)"),
        ("1.7.2", "no authentication token (try logging in)"),
    ],
    "bad_token": [
        ("1.4", "token not found"),
        ("1.6", "provided auth token is corrupted or has expired (try logging in again)"),
    ],
    "check_wrapped": [
        ("1.4", "error during authorization check for operation on {repo}: rpc error: code = Unknown desc = {text}"),
        ("1.6", 'error during authorization check for operation on "{repo}": {text}'),
        ("2.0", ""),
    ],
    "not_authorized": [("1.4", "UNKNOWN"), ("2.7", "PERMISSION_DENIED")],
    "refused": [
        ("1.4", _NOT_YOURS),
        ("1.6", f"{_NOT_YOURS}, must have at least {{needs}} access"),
        ("1.7", f"{{user}} is {_NOT_YOURS}, must have at least {{needs}} access"),
        (
            "2.0",
            "{user} is not authorized to perform this operation - needs permissions [{needs}] on {kind} {name}. "
            "Run `pachctl auth roles-for-permission` to find roles that grant a given permission.",
        ),
    ],
    "not_admin": [("1.4", "{user} is not authorized to perform this operation; must be an admin to call {call}")],
    "endless_tokens": [("1.4", True), ("1.9.8", False), ("1.11", True)],
    "longest_token": [("1.4", 0), ("1.10", 30 * 24 * 60 * 60), ("2.0", 0)],
    "root_user": [("1.4", "robot:root"), ("1.11.9", "pach:root")],
    "user_kind": [("1.4", "oidc"), ("2.0", "user")],
    "principals": [
        ("1.4", frozenset()),
        ("1.7", frozenset({"github", "pipeline", "robot", "oidc"})),
        ("1.11.9", frozenset({"github", "pipeline", "robot", "oidc", "pach"})),
    ],
    "already_active": [
        ("1.4", ("UNKNOWN", "already activated")),
        ("2.0", ("UNIMPLEMENTED", "the auth service is already activated")),
    ],
    "roles": [
        ("1.4", {}),
        ("2.0", role_tables.V2_0.roles()),
        ("2.2", role_tables.V2_2.roles()),
        ("2.5", role_tables.V2_5.roles()),
        ("2.6", role_tables.V2_6.roles()),
        ("2.6.4", role_tables.V2_6_4.roles()),
        ("2.8", role_tables.V2_8.roles()),
        ("2.10", role_tables.V2_10.roles()),
        ("2.12", role_tables.V2_12.roles()),
    ],
    "tells_by_role": [("1.4", False), ("2.6.4", True)],
    "leaves_quietly": [("1.4", False), ("2.6", True)],
    "drops_for_all": [("1.4", False), ("2.8", True)],
}

# the constants in these releases were not those of their tags
_REPORTED = {
    "1.7.6": "1.7.5",
    "1.7.7": "1.7.6",
    "1.8.1": "1.8.0",
    "2.6.1.2": "2.6.1",
    **{f"1.11.{micro}": "1.12.0" for micro in range(1, 10)},
}


def profile_for(version: str = DEFAULT_VERSION) -> Profile:
    """The rules of a version.

    :param version: ``major.minor.micro``.
    :raises UnknownVersion: for versions that this server does not play; the text says which it does.
    """
    if version not in PLAYED:
        played = ", ".join(f"{minor}.0 to {minor}.{last}" for minor, last in _LAST.items())
        raise UnknownVersion(f"this dev server does not play Pachyderm {version!r}; it plays {played}")
    wanted = _numbers(version)
    rules = {name: _value(timeline, wanted) for name, timeline in _RULES.items()}
    return Profile(version=version, reported=_REPORTED.get(version, version), **rules)


def _value(timeline: list[tuple[str, Any]], wanted: tuple[int, ...]) -> Any:
    return [value for since, value in timeline if _numbers(since) <= wanted][-1]


def rule_names() -> set[str]:
    """The rules that a profile takes from the table."""
    return {field.name for field in fields(Profile)} - {"version", "reported"}
