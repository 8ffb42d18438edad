"""What differs between releases about what branches and commits are made from."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Said, Text

PROVENANCE_OUTLIVES = Rule(
    "Branches and commits go on naming inputs that were deleted",
    {"1.4": True, "2.0": False},
    source="src/server/pfs/server/driver.go: deleteBranch",
)
INPUTS_OUTLIVE_REPO = Rule(
    "Commits go on naming inputs whose repo was deleted",
    {"2.0": False, "2.6": True, "2.8": False},
    recorded="2.7.8 2.8.10",
    source="src/server/pfs/server/driver.go: deleteRepo",
)
ONE_BRANCH_OF_REPO_IN_GRAPH = Rule(
    "Two branches of one repo may not be in one graph of provenance",
    {"1.4": False, "2.6": True},
    source="src/server/pfs/server/driver.go: validateDAGStructure",
)
CIRCLES_REFUSED = Rule(
    "CreateBranch looks for circles of provenance; else one is noticed only if commits cannot be made in it",
    {"1.4": True, "2.6": False, "2.7": True},
    source="src/server/pfs/server/driver.go: computeBranchProvenance",
)
MOVED_BRANCHES_STAY = Rule(
    "A branch whose head moves gets no commit itself, only those downstream do",
    {"1.4": False, "2.6": True},
    recorded="2.5.9",
    source="src/server/pfs/server/driver.go: propagateBranches",
)
PROVENANCE_ALONG_BRANCHES = Rule(
    "StartCommit takes only commits of branches that its branch is made from",
    {"1.4": False, "1.9": True},
    source="src/server/pfs/server/driver.go: resolveCommitProvenance",
)
FLUSH_BY_REPO = Rule(
    "Repos, not branches, have provenance; FlushCommit waits for a commit in each repo downstream",
    {"1.4": True, "1.7": False},
    recorded="1.6.10 1.7.14",
)
SUBVENANCE_KEPT = Rule(
    "Commits know ranges of the commits that are made from them",
    {"1.4": False, "1.7": True},
    recorded="1.7.14",
    source="src/server/pfs/server/driver.go: makeCommit",
)
HEADS_BRING_PROVENANCE = Rule(
    "A new commit is also made from all that the heads of its inputs are made from",
    {"1.4": False, "1.8": True},
    source="src/server/pfs/server/driver.go: propagateCommit",
)
OWN_PROVENANCE_IS_NAMED = Rule(
    "A branch in its own provenance is refused as such, else as a loop",
    {"1.4": False, "1.9": True},
    recorded="1.8.8 1.9.12",
)
HEAD_CLEARS_PROVENANCE = Rule(
    "A branch cannot be given both a head and provenance; else the head must be made from the heads of the inputs",
    {"1.4": True, "1.9.6": False},
    source="src/server/pfs/server/driver.go: createBranch",
)
HEAD_MOVES_INPUTS = Rule(
    "A branch that is given a head gives branches upstream theirs, if it is made from them",
    {"1.4": False, "1.9.6": True},
    source="src/server/pfs/server/driver.go: createBranch",
)
DELETE_PROPAGATES_MOVED = Rule(
    "DeleteCommit lets downstream branches follow branches that have another head then, else the first of the repo",
    {"1.4": False, "1.8.7": True},
    source="src/server/pfs/server/driver.go: deleteCommit",
)
SUBVENANCE_COUNTED = Rule(
    "Commits count what is made from them and finished",
    {"1.4": False, "1.9.9": True},
    recorded="1.9.12",
    source="src/server/pfs/server/driver.go: updateProvenanceProgress",
)

BRANCH_LOOP = Text(
    "CreateBranch with provenance in a circle",
    {
        "1.4": "provenance loop, branch {branch.repo.name}/{branch.name} cannot be provenance for itself",
        "2.0": "provenance loop, branch {branch} cannot be provenant on itself",
        "2.7": """branch "{through}" cannot be both in "{branch}"'s provenance and subvenance""",
        "2.8": Said(
            "create branch: cycle detected because {through.path} is already in the subvenance of {branch.path}",
            "INTERNAL",
        ),
    },
    recorded="1.13.4 2.0.8 2.7.8 2.8.10",
    source={"2.7": "src/server/pfs/server/driver.go: computeBranchProvenance"},
)
BRANCH_OF_ITSELF = Text(
    "CreateBranch with provenance in its own repo",
    {
        "1.4": "branch {branch.repo.name}@{branch.name} cannot be in its own provenance",
        "2.0": "repo {branch.repo} cannot be in the provenance of its own branch",
    },
    recorded="1.13.4 2.0.8",
)
COMMIT_NOT_WRITTEN_DOWN = Text(
    "A commit that others still name does not exist",
    {
        "1.4": "pachyderm_pfs/commits/{commit.repo.name}/ {commit.id} not found",
        "1.9": "/pachyderm_pfs/commits/{commit.repo.name}/ {commit.id} not found",
    },
    source="src/server/pkg/collection/errors.go: Error",
)
