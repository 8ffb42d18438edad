"""Errors: every text that a real server was heard to say has its class, and every class survives pickling."""

from __future__ import annotations

import functools
import inspect
import json
import pickle
import re
import time
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_pachyderm.client import _errors as errors
from airflow_provider_pachyderm.client._error_texts import RULES, Rule, classify, from_status
from airflow_provider_pachyderm.client._errors import PachydermError
from tests.support import recordings

# one process reads all recordings
pytestmark = pytest.mark.xdist_group("recordings")
CLASSES = [
    each
    for each in vars(errors).values()
    if inspect.isclass(each) and issubclass(each, PachydermError) and each.__module__ == errors.__name__
]
# the classes of tests/golden/error_classes.json, which another hand wrote, in our terms
EXPECTED: dict[str, type[PachydermError]] = {
    "auth_inactive": errors.AuthNotActivated,
    "unimplemented": errors.Unsupported,
    "wrong_version": errors.Unsupported,
    "no_head": errors.BranchHasNoHead,
    "finished": errors.CommitFinished,
    "not_finished": errors.CommitNotFinished,
    "output_branch": errors.OutputBranch,
    "has_children": errors.Conflict,
    "cycle": errors.Conflict,
    "has_provenance": errors.Conflict,
    "in_use": errors.Conflict,
    "exists": errors.AlreadyExists,
    "bad_name": errors.InvalidRequest,
    "path_conflict": errors.PathConflict,
    "not_found:parent": errors.CommitNotFound,
    "not_found:file": errors.FileNotFound,
    "not_found:project": errors.ProjectNotFound,
    "not_found:commit_set": errors.CommitNotFound,
    "not_found:transaction": errors.TransactionNotFound,
    "not_found:repo": errors.RepoNotFound,
    "not_found:branch": errors.BranchNotFound,
    "not_found:commit": errors.CommitNotFound,
    "not_found": errors.NotFound,
    "directory": errors.IsADirectory,
    "many_files": errors.IsADirectory,
    "bad_path": errors.InvalidRequest,
    "bad_glob": errors.InvalidRequest,
    "bad_content": errors.InvalidRequest,
    "bad_argument": errors.InvalidRequest,
    "internal": errors.ServerError,
}
# where that hand had no name for a text, or one that is not ours
NAMED_OTHERWISE: list[tuple[str, type[PachydermError]]] = [
    (r"^the file at .* is not a directory$", errors.InvalidRequest),
    (r"^file  not found in repo ", errors.FileNotFound),
    (r"does not contain item: \(fileset/|^([a-z ]+: )?path does not exist$|dangling reference", errors.FileSetNotFound),
    (r'^get file set: .*project "[\w-]+" not found', errors.ProjectNotFound),
    (r'^get file set: .*branch "\w+" not found', errors.BranchNotFound),
    (r"^(delete project .*: )?projects \S* not found$", errors.ProjectNotFound),
    (r"^pick commit tx: commit .*\nrepo \S+ not found$|^get file: pick commit tx: .*\nrepo \S+ not found$",
     errors.RepoNotFound),
    (r"invalid offset (for ancestor|from branch root)", errors.CommitNotFound),
    (r"invalid ancestry format", errors.InvalidRequest),
    (r"violates foreign key constraint|cannot be both in .* provenance and subvenance", errors.Conflict),
    (r"triggers? cannot form a loop|cannot be deleted because it (is triggered by|triggers) branches", errors.Conflict),
    (r"cannot finish an alias commit|contains \d+ repos", errors.Conflict),
    (r"delete discovered orphaned file", errors.PathConflict),
    (r"can't trigger on|both provenance and a trigger|^ttl \(|parsing fileset\.", errors.InvalidRequest),
    (r"parse error on line|invalid (header|pgdump)|error parsing filename", errors.InvalidRequest),
    (r"triggers must specify|invalid trigger size|^must specify repo|^number must be", errors.InvalidRequest),
    (r"cannot squash until child commit", errors.CommitNotFinished),
    (r"commit \S+ was deleted$", errors.CommitDeleted),
    (r"^sql: ", errors.ServerError),
]  # fmt: skip
# texts that are not in the recordings
HEARD_OF = [
    ("UNAUTHENTICATED", "no authentication token (try logging in)", errors.Unauthenticated),
    ("INTERNAL", "no authentication metadata (try logging in)", errors.Unauthenticated),
    ("UNKNOWN", "auth token not found in context (user may not be signed in)", errors.Unauthenticated),
    ("UNKNOWN", "invalid pgdump - missing footer", errors.InvalidRequest),
    ("UNKNOWN", "branch and head commit must belong to the same repo", errors.InvalidRequest),
    ("UNKNOWN", "`from` and `to` commits need to be from repo default/a", errors.InvalidRequest),
    ("UNKNOWN", "the `from` commit needs to be from repo a", errors.InvalidRequest),
    ("UNKNOWN", 'branch "r@b" cannot be deleted because it triggers branches [r@a]', errors.Conflict),
    ("NOT_FOUND", "updating branch trigger: branch (id=0, branch=default/r@b) not found", errors.BranchNotFound),
    ("UNAUTHENTICATED", "auth token is corrupted or has expired (try logging in again)", errors.Unauthenticated),
    ("UNKNOWN", "error during authorization check for operation on r: token not found", errors.Unauthenticated),
    ("INTERNAL", "token expiration is in the past", errors.Unauthenticated),
    ("UNKNOWN", "could not verify token: oidc: token is expired", errors.Unauthenticated),
    ("UNKNOWN", "x is not authorized to perform this operation - needs permissions", errors.PermissionDenied),
    ("UNKNOWN", "no role binding exists for REPO default/a", errors.PermissionDenied),
    ("UNKNOWN", "j is not authorized to perform this operation on the repo a, must have at least READER access",
     errors.PermissionDenied),
    ("UNKNOWN", "j is not authorized to perform this operation; must be an admin to call X", errors.PermissionDenied),
    ("UNKNOWN", "Pachyderm Enterprise is not active in this cluster (until Pachyderm Enterprise is re-activated or "
     "Pachyderm auth is deactivated, only cluster admins can perform any operations)", errors.PermissionDenied),
    ("UNIMPLEMENTED", "the auth service is already activated", errors.Conflict),
    ("UNKNOWN", "already activated", errors.Conflict),
    ("UNKNOWN", "RotateRootToken() is disabled when the root token is configured in the environment", errors.Conflict),
    ("UNKNOWN", "rpc error: code = Unknown desc = no role binding exists for REPO default/", errors.PermissionDenied),
    ("UNKNOWN", "get file: no role binding exists for PROJECT x", errors.PermissionDenied),
    ("UNKNOWN", "file /names/already activated not found in repo r at commit 1", errors.FileNotFound),
    ("UNKNOWN", "file /no role binding exists for REPO a not found in repo r at commit 1", errors.FileNotFound),
    ("UNKNOWN", 'Invalid Request: "robot:a" both added and removed as admin', errors.InvalidRequest),
    ("UNKNOWN", "GetAuthTokenRequest.Subject is invalid", errors.InvalidRequest),
    ("UNKNOWN", "unknown resource type JOB", errors.InvalidRequest),
    ("UNKNOWN", "Cannot list branches from all repos with auth activated", errors.InvalidRequest),
    ("UNKNOWN", 'unknown role "reader"', errors.InvalidRequest),
    ("UNKNOWN", "subject has no prefix, must be of the form <type>:<name>", errors.InvalidRequest),
    ("UNKNOWN", "subject has unrecognized prefix: x:", errors.InvalidRequest),
    ("UNKNOWN", "cannot modify cluster role bindings for pach: users", errors.InvalidRequest),
    ("UNKNOWN", "robot names cannot contain colons (':')", errors.InvalidRequest),
    ("UNKNOWN", "invalid request: cannot remove all cluster administrators", errors.InvalidRequest),
    ("UNKNOWN", "provided TTL (5) is shorter than token's existing TTL (9)", errors.InvalidRequest),
    ("UNKNOWN", "GetAuthTokenRequest.TTL must be >= 0", errors.InvalidRequest),
    ("UNKNOWN", "can only extend tokens by at most 2592000 seconds", errors.InvalidRequest),
    ("UNKNOWN", "error restoring auth token: cannot overwrite existing token with same hash", errors.AlreadyExists),
    ("INTERNAL", "token has expired or is already revoked", errors.NotFound),
    ("UNAVAILABLE", "the auth service is only partially activated", errors.Conflict),
    ("UNKNOWN", "context deadline exceeded", errors.DeadlineExceeded),
    ("UNKNOWN", "inspect finishing or finished commit: watcher cancelled: context deadline exceeded",
     errors.DeadlineExceeded),
    ("UNKNOWN", "cannot finish an alias commit: default/owc-mid@master=1", errors.Conflict),
    ("NOT_FOUND", "project x not found", errors.ProjectNotFound),
    ("NOT_FOUND", "projects x not found", errors.ProjectNotFound),
    ("UNKNOWN", 'the branch "b" is nil', errors.BranchHasNoHead),
    ("UNKNOWN", 'failed to get tree for open commit: the file at "/p" is not a directory', errors.PathConflict),
    ("UNKNOWN", "cannot squash until child commit default/a@1 is finished", errors.CommitNotFinished),
    ("UNKNOWN", 'commit set "1" cannot be dropped because it has subvenant commit sets: 2', errors.Conflict),
    ("UNKNOWN", "cannot change the head of r@b without clearing its provenance", errors.Conflict),
    ("UNKNOWN", "branch r@b has a@m as provenance but that commit is not the head of a@m", errors.Conflict),
    ("UNKNOWN", 'branch "r@b" cannot be both in "r@c"\'s provenance and subvenance', errors.Conflict),
    ("UNKNOWN", "multiple branches from the same repo, r, cannot participate in a DAG", errors.Conflict),
    ("UNKNOWN", "inconsistent dependencies: cannot create commit from r@b - branch already has a commit in this "
     "transaction", errors.Conflict),
    ("UNKNOWN", "cannot delete a repo associated with a pipeline - delete the pipeline instead", errors.Conflict),
    ("UNKNOWN", "triggers cannot form a loop", errors.Conflict),
    ("UNKNOWN", "cannot list path /d", errors.FileNotFound),
    ("UNKNOWN", "invalid offset for ancestor of commit: r@1, offset requested: 4, offset traversable: 3",
     errors.CommitNotFound),
    ("UNKNOWN", "number must be > 0 when reverse is true", errors.InvalidRequest),
    ("UNKNOWN", 'parse error on line 1, column 2: bare " in non-quoted-field', errors.InvalidRequest),
    ("UNKNOWN", "invalid character 'o' in literal null (expecting 'u')", errors.InvalidRequest),
    ("UNKNOWN", "commit must have a repo", errors.InvalidRequest),
    ("INTERNAL", "grpc: failed to unmarshal the received message proto: wrong wireType = 0 for field Header",
     errors.InvalidRequest),
    ("UNKNOWN", "triggers must specify a branch to trigger on", errors.InvalidRequest),
    ("UNKNOWN", "can't trigger on a negative number of commits", errors.InvalidRequest),
    ("UNKNOWN", "invalid trigger size: invalid size: 'lots'", errors.InvalidRequest),
    ("UNKNOWN", "a branch cannot have both provenance and a trigger", errors.InvalidRequest),
    ("INTERNAL", "keepalive watchdog timeout", errors.Unavailable),
    ("UNAVAILABLE", "base commit default/a@1 for commit default/a@2 unfinished", errors.CommitNotFinished),
    ("UNKNOWN", "commit default/a@1 finished with an error", errors.CommitFailed),
    ("UNKNOWN", "commit a@1 is ambiguous (specify the branch to resolve)", errors.AmbiguousCommit),
    ("UNKNOWN", "commit a/1 was deleted", errors.CommitDeleted),
    ("UNKNOWN", "repo a was deleted", errors.CommitDeleted),
    ("NOT_FOUND", "commit (int_id=92, commit_id=) not found", errors.CommitNotFound),
    ("UNKNOWN", "duplicate path output by different datums (/dat from d0 and /dat from d1)", errors.PathConflict),
    ("UNKNOWN", 'error retrieving content from "http://x/": 404 Not Found', errors.InvalidRequest),
    ("RESOURCE_EXHAUSTED", "grpc: received message larger than max (22020117 vs. 20971520)", errors.InvalidRequest),
    ("INTERNAL", "Received RST_STREAM with error code 2", errors.Unavailable),
    ("UNAVAILABLE", "failed to connect to all addresses", errors.Unavailable),
    ("DEADLINE_EXCEEDED", "Deadline Exceeded", errors.DeadlineExceeded),
    ("INTERNAL", "assignment to entry in nil map", errors.ServerError),
    ("UNKNOWN", "the commit provenance contains a branch which the branch is not provenant on", errors.Conflict),
    ("UNKNOWN", "the commit provenance contains multiple commits from the same branch", errors.Conflict),
    ("UNKNOWN", "invalid commit ID given with a branch (a@b): 11111111111111111111111111111111", errors.CommitNotFound),
    ("UNKNOWN", 'project "images" contains 2 repos', errors.Conflict),
    ("UNKNOWN", 'update on table "projects" violates foreign key constraint "repos_id_fkey"', errors.Conflict),
    ("NOT_FOUND", f"tracker does not contain item: (fileset/{'0' * 32})", errors.FileSetNotFound),
    ("UNKNOWN", "the operation would create a dangling reference", errors.FileSetNotFound),
    ("UNKNOWN", "ttl (3600000000000) exceeds max ttl (1800000000000)", errors.InvalidRequest),
    ("UNKNOWN", "renew file set: ttl (3600000000000) exceeds max ttl (1800000000000)", errors.InvalidRequest),
    ("UNKNOWN", "parsing fileset.ID: too short to be ID len=31", errors.InvalidRequest),
    ("UNKNOWN", "encoding/hex: invalid byte: U+007A 'z'", errors.InvalidRequest),
    ("UNKNOWN", "__filesets__ is a reserved name", errors.InvalidRequest),
    ("NOT_FOUND", 'get file set: branch "b" not found in repo default/r', errors.BranchNotFound),
    ("NOT_FOUND", "get file set: commit default/r@0 not found", errors.CommitNotFound),
    ("NOT_FOUND", "gone", errors.NotFound),
    ("UNKNOWN", "it was not found", errors.NotFound),
    ("UNAVAILABLE", "errors resolving h:1: Domain name not found", errors.Unavailable),
    ("UNIMPLEMENTED", "Method not found!", errors.Unsupported),
]  # fmt: skip


Answer = tuple[str, str, str]


def recorded() -> dict[Answer, str]:
    """What real servers answered, as (call, status, text), and the newest that did."""
    opened: dict[tuple[str, str], str] = {}
    found: dict[Answer, str] = {}
    for version in recordings.versions():
        for scenario in recordings.scenarios(version):
            if scenario["scenario"].startswith("pps_"):
                continue
            for step in scenario["steps"]:
                if "starts" in step:
                    opened[version, step["starts"]] = step["call"]
                call = step.get("call") or opened[version, step["joins"]]
                if step.get("code", "OK") not in ("OK", "") and step.get("details"):
                    found[call.rpartition("/")[2], step["code"], step["details"]] = version
    return found


def expect(name: str, text: str, call: str) -> type[PachydermError] | None:
    """The class for a text that the other hand gave that name."""
    if call == "FinishCommit" and "is not a directory" in text:
        return errors.PathConflict
    for pattern, kind in NAMED_OTHERWISE:
        if re.search(pattern, text, re.DOTALL):
            return kind
    if call == "StartCommit" and name in ("not_found:commit", "not_found:branch"):
        return errors.CommitNotFound
    # 1.x servers speak of commits and branches alike: what is missing decides, an id or a name
    missing = re.search(r"(?<!parent )(?:commits/[^/ ]+/ ?|branches/[^/ ]+/ ?|commit )([\w-]+) not found", text)
    if missing and name in ("not_found:commit", "not_found:branch"):
        return errors.CommitNotFound if re.fullmatch("[0-9a-f]{32}", missing[1]) else errors.BranchNotFound
    return EXPECTED.get(name)


def test_recorded_texts_have_their_class() -> None:
    wrong = []
    seen: Counter[str] = Counter()
    for (call, status, text), version in recorded().items():
        name = recordings.error_class(text)
        seen[name] += 1
        kind = classify(status, text, call)
        if kind is not expect(name, text, call):
            wrong.append((version, call, status, text, name, kind.__name__))
    assert wrong == []
    left_out = {"wrong_version", "internal", "not_found", "has_provenance", "bad_content"}
    assert set(EXPECTED) - set(seen) <= left_out


@functools.cache
def said() -> list[tuple[str, str]]:
    heard = [*((text, "") for _, _, text in probed()), *((text, "") for _, text, _ in HEARD_OF)]
    of_one_call = [
        ('the file at "/p" is not a directory', "FinishCommit"),
        ("repo p.spec not found", "InspectPipeline"),
    ]
    return [*((text, call) for call, _, text in recorded()), *heard, *of_one_call]


def test_one_text_for_two_things() -> None:
    """1.4 to 1.11 say it of a file that is to be listed, and of a commit that cannot be finished."""
    text = 'the file at "/p" is not a directory'
    assert classify("UNKNOWN", text, "FinishCommit") is errors.PathConflict
    assert classify("UNKNOWN", text, "ListFile") is errors.InvalidRequest
    assert type(from_status("UNKNOWN", text, method="/pfs.API/FinishCommit")) is errors.PathConflict


def test_a_repo_of_specs_stands_for_its_pipeline() -> None:
    text = "repo p.spec not found"
    assert classify("NOT_FOUND", text, "InspectPipeline") is errors.PipelineNotFound
    assert classify("NOT_FOUND", text, "InspectRepo") is errors.RepoNotFound


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.text)
def test_every_rule_is_needed(rule: Rule) -> None:
    """Each knows a text that a server says; else it is a slip."""
    assert any(rule.fits(text, call) for text, call in said()), rule.origin


def probed() -> list[tuple[str, str, str]]:
    """What else real servers answered, by the class it belongs to."""
    table: dict[str, list[list[str]]] = json.loads((recordings.GOLDEN / "probed_errors.json").read_text())
    return [(name, status, text) for name, answers in table.items() for status, text in answers]


def test_probed_texts_have_their_class() -> None:
    wrong = [
        (status, text, name, classify(status, text).__name__)
        for name, status, text in probed()
        if classify(status, text) is not getattr(errors, name)
    ]
    assert wrong == []


@pytest.mark.parametrize(("status", "text", "kind"), HEARD_OF)
def test_other_texts_have_their_class(status: str, text: str, kind: type[PachydermError]) -> None:
    assert classify(status, text) is kind


def test_what_a_file_is_called_does_not_matter() -> None:
    """Users choose the names in a text; and a path may be called as any text of a server's."""
    texts = [text for call, _, text in recorded() if "\n" not in text and len(text) < 200]
    for name in (*texts[::7], *(text for _, text, _ in HEARD_OF)):
        path = "/" + name
        assert classify("NOT_FOUND", f"file {path} not found in repo r at commit 1") is errors.FileNotFound
        assert classify("UNKNOWN", f'file "{path}" not found') is errors.FileNotFound
        assert (
            classify("UNKNOWN", f"path ({path}) invalid: globbing character (*) not allowed") is errors.InvalidRequest
        )
        assert classify("", f"file / directory path collision ({path})") is errors.PathConflict
        assert classify("UNKNOWN", f'attempted to visit "{path}", but it\'s not a directory') is errors.PathConflict


WORDS = sorted({word for rule in RULES for word in re.findall(r"[a-zA-Z_]{3,}", rule.text)})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("repo default/{} not found", errors.RepoNotFound),
        ("pachyderm_pfs/repos/ {} not found", errors.RepoNotFound),
        ("repo {} already exists", errors.AlreadyExists),
        ('branch "{}" not found in repo default/r', errors.BranchNotFound),
        ("pachyderm_pfs/branches/r/ {} not found", errors.BranchNotFound),
        ('project "{}" not found', errors.ProjectNotFound),
        ("commit default/{}@" + "1" * 32 + " not found", errors.CommitNotFound),
        ("commit {}@master=" + "1" * 32 + " has already finished", errors.CommitFinished),
        ("commit " + "1" * 32 + " in repo {} has already finished", errors.CommitFinished),
        ("cannot start a commit on an output branch: {}@master", errors.OutputBranch),
        ("parent commit {}@" + "1" * 32 + " has not been finished", errors.CommitNotFinished),
        ("the branch \"{}\" has no head (create one with 'start commit')", errors.BranchHasNoHead),
    ],
)
def test_what_a_repo_or_a_branch_is_called_does_not_matter(text: str, kind: type[PachydermError]) -> None:
    assert [word for word in WORDS if classify("UNKNOWN", text.format(word)) is not kind] == []


def _work(text: str, limit: float) -> bool:
    """Whether a text is classified while a CPU works for ``limit`` seconds."""
    begin = time.thread_time()
    classify("UNKNOWN", text)
    return time.thread_time() - begin < limit


@given(st.lists(st.sampled_from([*WORDS, *" /:()\"'\n=@0", "file ", "repo ", ": ", "not found", "\x00é"]), max_size=6))
@settings(max_examples=150)
@example(["file "])
@example(["repo "])
@example([": repo "])
@example(["transactions/"])
@example(["commit ", "x"])
@example(["a: "])
def test_a_long_text_takes_no_longer(parts: list[str]) -> None:
    """100 kB of anything, said over and over, take milliseconds; what is not linear takes half a minute."""
    part = "".join(parts) or "x"
    assert _work((part * (100_000 // len(part) + 1))[:100_000], 5)


def test_both_ends_of_a_long_text_count() -> None:
    path = "/" + "x" * 100_000
    assert classify("NOT_FOUND", f"file {path} not found in repo r at commit 1") is errors.FileNotFound
    assert classify("UNKNOWN", f"path ({path}*) invalid: globbing character (*) not allowed") is errors.InvalidRequest


@pytest.mark.parametrize("kind", CLASSES)
def test_errors_survive_pickling(kind: type[PachydermError]) -> None:
    error = kind("text", status="UNKNOWN", method="/pfs.API/X", server_text="said", reference="repo@branch", attempts=3)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert str(copy) == "text"
    assert vars(copy) == vars(error)


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.FileNotFound, FileNotFoundError),
        (errors.RepoNotFound, FileNotFoundError),
        (errors.AlreadyExists, FileExistsError),
        (errors.Unauthenticated, PermissionError),
        (errors.StreamStalled, TimeoutError),
        (errors.StreamBroken, ConnectionError),
        (errors.InvalidReference, ValueError),
        (errors.IsADirectory, IsADirectoryError),
        (errors.Unsupported, NotImplementedError),
        (errors.ClientClosed, RuntimeError),
    ],
)
def test_errors_are_the_builtin_ones_too(kind: type[PachydermError], builtin: type[Exception]) -> None:
    assert issubclass(kind, builtin)


def test_every_class_is_in_the_tree_and_public() -> None:
    import airflow_provider_pachyderm.client as client

    for kind in CLASSES:
        assert kind.__name__ in (errors.__doc__ or "")
        assert kind.__name__ in client.__all__


def test_an_error_tells_what_it_is_about() -> None:
    error = from_status("UNKNOWN", "no head", method="/pfs.API/InspectCommit", reference="repo@branch", attempts=2)
    assert str(error) == "repo@branch: no head [UNKNOWN, /pfs.API/InspectCommit]"
    assert (error.status, error.server_text, error.reference, error.attempts) == (
        "UNKNOWN",
        "no head",
        "repo@branch",
        2,
    )
    assert "repo@branch:" not in str(from_status("UNKNOWN", "repo@branch is bad", reference="repo@branch"))
