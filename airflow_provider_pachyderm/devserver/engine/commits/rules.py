"""What differs between releases about commits."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Said, Text, changed, coded

# ---- what a commit is -------------------------------------------------------------------

SHARED_IDS = Rule(
    "Commits made together (a set) share their id",
    {"1.4": False, "2.0": True},
    recorded="1.13.4 2.0.8",
)
COMMITS_BY_BRANCH = Rule(
    "A commit is known by its branch and id; a set has a commit on every branch that it is made from: an ALIAS of the "
    "head, if nothing new was written there",
    {"1.4": False, "2.0": True, "2.6": False},
    recorded="1.13.4 2.0.8 2.5.9 2.6.11",
)
REPLIES_NAME_BRANCH = Rule(
    "Answers name the branch on which a commit was made",
    {"1.4": False, "2.0": True, "2.11": False},
    recorded="2.0.8 2.10.7 2.11.6",
    source={"2.0": "src/server/pfs/server/api_server.go: StartCommit"},
)
BRANCH_NAME_OUTLIVES = Rule(
    "They do so after the branch was deleted, too",
    {"1.4": True, "2.8": False},
    recorded="2.7.8 2.8.10",
)
COMMITS_SHOW_BRANCH = Rule(
    "Texts name commits with their branches",
    {"1.4": False, "2.0": True, "2.6": False},
    recorded="1.13.4 2.0.8 2.5.9 2.6.11",
)
REUSES_OUTPUTS = Rule(
    "A branch whose inputs go back to a set goes back to the commit that it has there",
    {"2.0": False, "2.1": True},
    source="src/server/pfs/server/driver.go: propagateBranches",
)

# ---- which commit is meant --------------------------------------------------------------

ANCESTRY_MARKS = Rule(
    "Marks of ancestry that are understood",
    {"1.4": "", "1.6": "^~", "1.9": "^~."},
    recorded="1.5.3 1.6.10 1.8.8 1.9.12",
)
ANCESTRY_IS_STRICT = Rule(
    "A mark of ancestry with nonsense after it is refused, else it is a part of the name",
    {"1.4": False, "1.9": True},
    recorded="1.8.8 1.9.12",
)
BRANCHES_SHADOW_IDS = Rule(
    "A commit is looked up as a branch, then as an id; what is neither is a missing commit",
    {"1.4": True, "1.7": False},
    recorded="1.6.10 1.7.14",
)
EMPTY_ID_REFUSED = Rule(
    "A commit without an id is refused as such, else a branch without a name is looked for",
    {"1.4": False, "1.8": True},
    recorded="1.8.8",
    source="src/server/pfs/server/driver.go: resolveCommit",
)
PICKS_COMMITS = Rule(
    "Commits are looked up anew, in words of their own",
    {"1.4": False, "2.12": True},
    recorded="2.11.6 2.12.0-rc.3",
)

# ---- beginning and ending ---------------------------------------------------------------

OUTPUT_CHECK_FIRST = Rule(
    "StartCommit looks at the branch's provenance before it looks at the parent",
    {"1.4": True, "2.8": False},
    recorded="2.7.8 2.8.10",
)
OWN_BRANCH_IS_MOVED = Rule(
    "StartCommit moves the branch before it looks for the parent, so that a parent by the name of the branch is the "
    "new commit, which does not exist yet",
    {"1.4": False, "1.7": True, "2.8": False},
    recorded="1.6.10 1.7.14 2.7.8 2.8.10",
)
FINISH_IN_BACKGROUND = Rule(
    "FinishCommit returns before the commit is finished",
    {"1.4": False, "2.0": True},
    recorded="1.13.4 2.0.8",
)
FAILED_ARE_CHECKED = Rule(
    "A commit that is finished with an error gets details and a size like others",
    {"1.4": False, "2.0": True, "2.1": False},
    recorded="2.0.8 2.1.9",
    source="src/server/pfs/server/master.go: finishCommits",
)
OPEN_BASE_READABLE = Rule(
    "An open commit can be read while its parent is not finished yet",
    {"1.4": False, "2.0": True, "2.1.1": False},
    recorded="2.0.8 2.1.9",
    source="src/server/pfs/server/driver_file.go: getFileSet",
)
DETAILS = Rule(
    'Commits have details, be they empty: "finished" without an error; also those "started" by users; or "always"',
    {"1.4": "always", "2.0": "finished", "2.6": "started", "2.8": "always"},
    recorded="2.0.8 2.5.9 2.6.11 2.7.8 2.8.10",
    source="src/server/pfs/server/driver.go: startCommit",
)
DELETE_OPEN_ONLY = Rule(
    "DeleteCommit deletes only open commits",
    {"1.4": True, "1.7": False},
    recorded="1.6.10 1.7.14",
)
MISSING_SET_DROPS = Rule(
    "SquashCommitSet and DropCommitSet of a set that does not exist are no error",
    {"2.0": False, "2.6": True},
    recorded="2.5.9 2.6.11",
)

# ---- what a refusal begins with ---------------------------------------------------------

RESOLVING_PARENT = Rule(
    "A refusal of the parent given to StartCommit begins with",
    {"1.4": "", "1.6": "parent commit not found"},
    recorded="1.5.3 1.6.10",
)
NAMING_BRANCH_OF_COMMIT = Rule(
    "StartCommit on a branch called like a commit id is refused with these words before it",
    {"1.4": "", "2.11": "start commit"},
    recorded="2.11.6",
    source="src/server/pfs/server/driver.go: startCommit",
)
FINISHING_COMMIT = Rule(
    "A refusal of the commit given to FinishCommit begins with",
    {"1.4": "", "2.11": "finish commit in transaction"},
    recorded="2.10.7 2.11.6",
)
INSPECTING_COMMIT = Rule(
    "A refusal of the commit given to InspectCommit begins with",
    {"1.4": "", "2.11": "inspect commitHandle", "2.12": ""},
    recorded="2.10.7 2.11.6 2.12.0-rc.3",
)
LISTING_COMMITS = Rule(
    "ListCommit says of a repo that does not exist, before that",
    {"1.4": "", "2.8": "ensure repo exists"},
    recorded="2.7.8 2.8.10",
)
DELETING_COMMIT = Rule(
    "A refusal of the commit given to DeleteCommit begins with",
    {"1.4": "", "1.7": "resolveCommit"},
    recorded="1.6.10",
    source="src/server/pfs/server/driver.go: deleteCommit",
)
FOLDING_COMMIT = Rule(
    "What is wrong with the files of a commit that is being finished is told after",
    {"1.4": "", "1.13": "failed to get tree for open commit"},
    recorded="1.13.4",
)
COUNTING_FINISHED = Rule(
    "What is wrong with the inputs of a commit that is being finished is told after",
    {"1.4": "", "1.13": "failed to update provenance"},
)

# ---- refusals ---------------------------------------------------------------------------

COMMIT_NOT_FOUND = Text(
    "The commit does not exist",
    {
        "1.4": "pachyderm_pfs/commits/{commit.repo.name}/ {commit.id} not found",
        "1.6": "commit {commit.id} not found in repo {commit.repo}",
        "2.0.2": "commit {commit} not found",
        "2.1": Said("commit {commit} not found", "NOT_FOUND", bare=True),
        "2.2.1": Said("commit {commit} not found", "NOT_FOUND"),
    },
    recorded="1.5.3 1.6.10 1.13.4 2.0.8 2.1.9 2.2.8",
    source={
        "2.0.2": "src/server/pfs/pfs.go: Error",
        "2.2.1": "src/internal/middleware/errors/interceptor.go: errorForGRPC",
    },
)
COMMIT_FINISHED = Text(
    "The commit takes no more changes",
    {
        "1.4": "commit {commit.id} in repo {commit.repo} has already finished",
        "2.0.2": "commit {commit} has already finished",
    },
    recorded="1.13.4 2.0.8",
    source="src/server/pfs/pfs.go: Error",
)
COMMIT_TAKES_NO_FILES = Text(
    "The commit takes no more files",
    changed(
        COMMIT_FINISHED,
        {
            "1.4": "",
            "1.5": "commit {commit.id} is not open",
            "1.6": "pachyderm_pfs/openCommits/ {commit.id} not found",
            "1.7": COMMIT_FINISHED.since["1.4"],
        },
    ),
    recorded="1.6.10",
    source={
        "1.5": "src/server/pfs/server/driver.go: putFile",
        "1.6": "src/server/pfs/server/driver.go: putFile",
        "1.7": "src/server/pfs/server/driver.go: putFile",
        "2.0.2": "src/server/pfs/pfs.go: Error",
    },
)
FINISHED_TWICE = Text(
    "FinishCommit of a finished commit",
    changed(
        COMMIT_FINISHED,
        {
            "1.4": "commit {commit.repo.name}/{commit.id} has already been finished",
            "1.7": COMMIT_FINISHED.since["1.4"],
        },
    ),
    recorded="1.6.10 1.7.14 1.13.4 2.0.8",
    source="src/server/pfs/pfs.go: Error",
)
PARENT_OPEN = Text(
    "StartCommit on an open commit",
    {
        "1.4": "parent commit {parent.id} has not been finished",
        "1.11": "parent commit {parent} has not been finished",
    },
    recorded="1.11.9",
    source="src/server/pfs/server/driver.go: makeCommit",
)
OUTPUT_BRANCH = Text(
    "A commit is started on a branch that has provenance",
    {
        "1.4": "cannot start a commit on an output branch",
        "2.0": "cannot start a commit on an output branch: {branch}",
    },
    recorded="1.13.4 2.0.8",
)
COMMIT_DELETED = Text(
    "The commit was deleted while somebody waited for it",
    {
        "1.4": "commit {commit.repo.name}/{commit.id} was deleted",
        "2.0": "commit {commit.repo}@{commit.id} was deleted",
        "2.0.2": "commit {commit} was deleted",
        "2.8": "inspect finishing or finished commit: commit {commit} was deleted",
    },
    recorded="2.7.8 2.8.10",
    source={"2.0": "src/server/pfs/pfs.go: Error", "2.0.2": "src/server/pfs/pfs.go: Error"},
)
COMMIT_TAKEN = Text(
    "A second commit with the id of a transaction",
    {
        "2.0": "inconsistent dependencies: cannot create commit from {branch} - "
        "branch ({branch.name}) already has a commit in this transaction",
        "2.6": "inconsistent dependencies: cannot create commit from {branch}; "
        "repo ({branch.repo.path}) already has a commit in this transaction",
    },
    source="src/server/pfs/pfs.go: Error",
)
COMMIT_SET_NOT_FOUND = Text(
    "No commit has this id",
    coded("no commits found for commitset {id}"),
    recorded="2.0.8",
    source={
        "2.1": "src/server/pfs/pfs.go: GRPCStatus",
        "2.2.1": "src/internal/middleware/errors/interceptor.go: errorForGRPC",
    },
)
