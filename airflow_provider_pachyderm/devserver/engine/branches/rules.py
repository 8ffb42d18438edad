"""What differs between releases about branches."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Said, Text, changed

_ROW = "branch (id=0, branch={branch}) not found"
_REPO_ROW = "repo (id=0, project={branch.repo.project}, name={branch.repo.name}, type={branch.repo.type}) not found"
_IN_REPO = 'branch "{branch.name}" not found in repo {branch.repo}'
_FOREIGN_KEY = (
    'could not delete branch 0: ERROR: update or delete on table "branches" violates foreign key constraint '
    '"{key}" on table "{table}" (SQLSTATE 23503)'
)

BRANCH_NAMES_ARE_PLAIN = Rule(
    "Names of branches have only letters, digits, underscores and dashes",
    {"1.4": False, "1.9": True},
    recorded="1.8.8 1.9.12",
)
BRANCH_NAMES_ARE_NO_IDS = Rule(
    "No branch may be called like a commit id",
    {"1.4": False, "1.7": True},
    recorded="1.6.10 1.7.14",
)
BRANCH_NAMES_MAY_BE_LONG = Rule(
    "The name of a branch may be as long as a commit id",
    {"1.4": True, "1.5": False, "1.7": True},
    recorded="1.4.8 1.5.3 1.6.10",
    source="src/server/pfs/server/driver.go: makeCommit",
)
BRANCH_ORDER = Rule(
    "ListBranch sorts by, newest first",
    {"1.4": "updated", "1.7": "num"},
    recorded="1.6.10 1.7.14",
)
BRANCHES_LISTED_BY_PROVENANCE = Rule(
    "Branches that were made together are listed by how many are upstream of them",
    {"1.4": False, "1.9.6": True},
    source="src/server/pfs/server/driver.go: listBranch",
)
BRANCH_LIST_NEEDS_REPO = Rule(
    "ListBranch in a repo that does not exist is an error",
    {"1.4": False, "1.9": True},
    recorded="1.8.8 1.9.12",
)
DELETE_MISSING_BRANCH_FAILS = Rule(
    "DeleteBranch of a branch that does not exist is an error",
    {"1.4": True, "1.7": False, "2.8": True},
    recorded="1.6.10 1.7.14 2.7.8 2.8.10",
)
HEAD_ALWAYS = Rule(
    "A branch always has a head: creating one makes an empty commit",
    {"1.4": False, "2.0": True},
    recorded="1.13.4 2.0.8",
)
HEAD_OF_OWN_REPO = Rule(
    "CreateBranch takes no head from a repo of another name",
    {"1.4": False, "2.0": True},
    source="src/server/pfs/server/driver.go: createBranch",
)
HEAD_BEFORE_REPO = Rule(
    "CreateBranch looks for the head before it looks for the repo",
    {"1.4": True, "1.11": False},
    recorded="1.10.5 1.11.9",
)
GIVEN_HEADS_GET_OUTPUT = Rule(
    "An output branch that is given a head gets a commit on top of it",
    {"1.4": False, "2.8": True},
    source="src/server/pfs/server/driver.go: createBranch",
)

NAMING_CREATED_BRANCH = Rule(
    "CreateBranch with the id of a commit for a name is refused with these words before it",
    {"1.4": "", "2.11": "create branch"},
    recorded="2.11.6",
    source="src/server/pfs/server/driver.go: createBranch",
)
CREATING_INPUT_BRANCH = Rule(
    "A refusal to make an input branch that does not exist begins with",
    {"1.4": "", "2.11": "create empty commit"},
    recorded="2.11.6",
    source="src/server/pfs/server/driver.go: fillNewBranches",
)
INSPECTING_BRANCH = Rule(
    "A refusal of InspectBranch begins with",
    {"1.4": "", "2.11": "inspect branch in transaction"},
    recorded="2.11.6",
    source="src/server/pfs/server/driver.go: inspectBranchInTransaction",
)
RESOLVING_HEAD = Rule(
    "What is wrong with the head that CreateBranch is given is told after",
    {"1.4": "", "1.7": "unable to inspect {commit}", "2.0": "", "2.8": "unable to inspect {commit}"},
    recorded="1.6.10 1.13.4 2.8.10",
    source="src/server/pfs/server/driver.go: createBranch",
)
DELETING_BRANCH_OF_REPO = Rule(
    "What keeps a branch of a repo from being deleted is told after",
    {"1.4": "delete branch {branch.proto}", "2.0": "delete branch {branch}"},
    recorded="1.13.4 2.0.8",
)

BRANCH_NOT_FOUND = Text(
    "The branch does not exist in its repo",
    {
        "1.4": "pachyderm_pfs/branches/{branch.repo.name}/ {branch.name} not found",
        "1.7": " pachyderm_pfs/branches/{branch.key} not found",
        "1.9": "/pachyderm_pfs/branches/{branch.repo.name}/ {branch.name} not found",
        "2.0": _IN_REPO,
        "2.2.1": Said(_IN_REPO, "NOT_FOUND"),
        "2.8": Said(f"{_ROW}\n{_IN_REPO}", "NOT_FOUND"),
    },
    recorded="1.8.8 2.0.8 2.1.9 2.2.8 2.7.8 2.8.10",
    source={
        "1.7": "src/server/pfs/server/driver.go: inspectBranch",
        "1.9": "src/server/pkg/collection/errors.go: Error",
        "2.0": "src/internal/collection/errors.go: Error",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
    },
)
BRANCH_NOT_FOUND_NOR_REPO = Text(
    "Neither the branch nor its repo exists",
    changed(BRANCH_NOT_FOUND, {"2.8": Said(f"{_REPO_ROW}\n{_ROW}\n{_IN_REPO}", "NOT_FOUND")}),
    recorded="1.8.8 2.0.8 2.1.9 2.2.8 2.7.8 2.8.10",
    source={
        "1.7": "src/server/pfs/server/driver.go: inspectBranch",
        "1.9": "src/server/pkg/collection/errors.go: Error",
        "2.0": "src/internal/collection/errors.go: Error",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
    },
)
_INSPECTED = {"2.1": Said(_IN_REPO, "NOT_FOUND", bare=True)}
BRANCH_TO_INSPECT_NOT_FOUND = Text(
    "InspectBranch of a branch that does not exist in its repo",
    changed(BRANCH_NOT_FOUND, _INSPECTED),
    recorded="2.0.8 2.7.8",
    source={
        "1.7": "src/server/pfs/server/driver.go: inspectBranch",
        "1.9": "src/server/pkg/collection/errors.go: Error",
        "2.0": "src/internal/collection/errors.go: Error",
        "2.1": "src/server/pfs/server/driver.go: inspectBranch",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
        "2.8": "src/server/pfs/server/driver.go: inspectBranch",
    },
)
BRANCH_TO_INSPECT_NOT_FOUND_NOR_REPO = Text(
    "InspectBranch where neither the branch nor its repo exists",
    changed(BRANCH_NOT_FOUND_NOR_REPO, _INSPECTED),
    recorded="2.0.8 2.7.8 2.8.10",
    source={
        "1.7": "src/server/pfs/server/driver.go: inspectBranch",
        "1.9": "src/server/pkg/collection/errors.go: Error",
        "2.0": "src/internal/collection/errors.go: Error",
        "2.1": "src/server/pfs/server/driver.go: inspectBranch",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
    },
)
BRANCH_TO_DELETE_NOT_FOUND = Text(
    "DeleteBranch of a branch that does not exist in its repo",
    {
        "1.4": "pachyderm_pfs/branches/{branch.repo.name}/ {branch.name} not found",
        "2.8": Said(f'get branch "{{branch.path}}": {_ROW}', "NOT_FOUND"),
    },
    recorded="2.8.10",
    source="src/server/pfs/server/driver.go: deleteBranch",
)
BRANCH_TO_DELETE_NOT_FOUND_NOR_REPO = Text(
    "DeleteBranch where neither the branch nor its repo exists",
    {
        "1.4": "pachyderm_pfs/branches/{branch.repo.name}/ {branch.name} not found",
        "1.7": " pachyderm_pfs/repos/{branch.repo.name} not found",
        "1.9": "/pachyderm_pfs/repos/ {branch.repo} not found",
        "2.0": "repo {branch.repo} not found",
        "2.2.1": Said("repo {branch.repo} not found", "NOT_FOUND"),
        "2.8": Said(f'get branch "{{branch.path}}": {_REPO_ROW}\n{_ROW}', "NOT_FOUND"),
    },
    recorded="1.6.10 1.7.14 1.8.8 2.0.8 2.1.9 2.2.8 2.7.8 2.8.10",
    source={
        "1.9": "src/server/pfs/server/driver.go: deleteBranch",
        "2.0": "src/server/pfs/server/driver.go: deleteBranch",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
    },
)
BRANCH_WITHOUT_HEAD = Text(
    "The branch has no head",
    {
        "1.7": 'the branch "{branch.name}" is nil',
        "1.7.2": 'the branch "{branch.name}" has no head (create one with start-commit)',
        "1.9": "the branch \"{branch.name}\" has no head (create one with 'start commit')",
    },
    recorded="1.8.8 1.9.12",
    source="src/server/pfs/pfs.go: Error",
)
BRANCH_IN_USE = Text(
    "DeleteBranch of a branch that others have in their provenance",
    {
        "1.4": "branch {branch.name} has [{protos}] as subvenance, deleting it would break those branches",
        "2.0": "branch {branch.name} has [{names}] as subvenance, deleting it would break those branches",
        "2.8": _FOREIGN_KEY.format(key="branch_provenance_to_id_fkey", table="branch_provenance"),
        "2.9": 'branch "{branch}" cannot be deleted because it\'s in the direct provenance of [{direct}]',
    },
    recorded="1.13.4 2.0.8 2.7.8 2.8.10 2.9.7",
)
BRANCH_IS_FOLLOWED = Text(
    "DeleteBranch of a branch that others follow by their triggers",
    {
        "2.8": _FOREIGN_KEY.format(key="branch_triggers_to_branch_id_fkey", table="branch_triggers"),
        "2.9": 'branch "{branch}" cannot be deleted because it is triggered by branches [{followers}]',
    },
    recorded="2.8.10 2.9.7",
)
