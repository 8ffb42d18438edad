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
    "Names of branches have only letters, digits, underscores and dashes", {"1.4": False, "1.9": True}
)
BRANCH_NAMES_ARE_NO_IDS = Rule("No branch may be called like a commit id", {"1.4": False, "1.7": True})
BRANCH_NAMES_MAY_BE_LONG = Rule(
    "The name of a branch may be as long as a commit id", {"1.4": True, "1.5": False, "1.7": True}
)
BRANCH_ORDER = Rule("ListBranch sorts by, newest first", {"1.4": "updated", "1.7": "num"})
BRANCHES_LISTED_BY_PROVENANCE = Rule(
    "Branches that were made together are listed by how many are upstream of them", {"1.4": False, "1.9.6": True}
)
BRANCH_LIST_NEEDS_REPO = Rule("ListBranch in a repo that does not exist is an error", {"1.4": False, "1.9": True})
DELETE_MISSING_BRANCH_FAILS = Rule(
    "DeleteBranch of a branch that does not exist is an error", {"1.4": True, "1.7": False, "2.8": True}
)
HEAD_ALWAYS = Rule("A branch always has a head: creating one makes an empty commit", {"1.4": False, "2.0": True})
HEAD_OF_OWN_REPO = Rule("CreateBranch takes no head from a repo of another name", {"1.4": False, "2.0": True})
HEAD_BEFORE_REPO = Rule("CreateBranch looks for the head before it looks for the repo", {"1.4": True, "1.11": False})
GIVEN_HEADS_GET_OUTPUT = Rule(
    "An output branch that is given a head gets a commit on top of it", {"1.4": False, "2.8": True}
)

NAMING_CREATED_BRANCH = Rule(
    "CreateBranch with the id of a commit for a name is refused with these words before it",
    {"1.4": "", "2.11": "create branch"},
)
CREATING_INPUT_BRANCH = Rule(
    "A refusal to make an input branch that does not exist begins with", {"1.4": "", "2.11": "create empty commit"}
)
INSPECTING_BRANCH = Rule("A refusal of InspectBranch begins with", {"1.4": "", "2.11": "inspect branch in transaction"})
RESOLVING_HEAD = Rule(
    "What is wrong with the head that CreateBranch is given is told after",
    {"1.4": "", "1.7": "unable to inspect {commit}", "2.0": "", "2.8": "unable to inspect {commit}"},
)
DELETING_BRANCH_OF_REPO = Rule(
    "What keeps a branch of a repo from being deleted is told after",
    {"1.4": "delete branch {branch.proto}", "2.0": "delete branch {branch}"},
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
)
BRANCH_NOT_FOUND_NOR_REPO = Text(
    "Neither the branch nor its repo exists",
    changed(BRANCH_NOT_FOUND, {"2.8": Said(f"{_REPO_ROW}\n{_ROW}\n{_IN_REPO}", "NOT_FOUND")}),
)
_INSPECTED = {"2.1": Said(_IN_REPO, "NOT_FOUND", bare=True)}
BRANCH_TO_INSPECT_NOT_FOUND = Text(
    "InspectBranch of a branch that does not exist in its repo", changed(BRANCH_NOT_FOUND, _INSPECTED)
)
BRANCH_TO_INSPECT_NOT_FOUND_NOR_REPO = Text(
    "InspectBranch where neither the branch nor its repo exists", changed(BRANCH_NOT_FOUND_NOR_REPO, _INSPECTED)
)
BRANCH_TO_DELETE_NOT_FOUND = Text(
    "DeleteBranch of a branch that does not exist in its repo",
    {
        "1.4": "pachyderm_pfs/branches/{branch.repo.name}/ {branch.name} not found",
        "2.8": Said(f'get branch "{{branch.path}}": {_ROW}', "NOT_FOUND"),
    },
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
)
BRANCH_WITHOUT_HEAD = Text(
    "The branch has no head",
    {
        "1.7": 'the branch "{branch.name}" is nil',
        "1.7.2": 'the branch "{branch.name}" has no head (create one with start-commit)',
        "1.9": "the branch \"{branch.name}\" has no head (create one with 'start commit')",
    },
)
BRANCH_IN_USE = Text(
    "DeleteBranch of a branch that others have in their provenance",
    {
        "1.4": "branch {branch.name} has [{protos}] as subvenance, deleting it would break those branches",
        "2.0": "branch {branch.name} has [{names}] as subvenance, deleting it would break those branches",
        "2.8": _FOREIGN_KEY.format(key="branch_provenance_to_id_fkey", table="branch_provenance"),
        "2.9": 'branch "{branch}" cannot be deleted because it\'s in the direct provenance of [{direct}]',
    },
)
BRANCH_IS_FOLLOWED = Text(
    "DeleteBranch of a branch that others follow by their triggers",
    {
        "2.8": _FOREIGN_KEY.format(key="branch_triggers_to_branch_id_fkey", table="branch_triggers"),
        "2.9": 'branch "{branch}" cannot be deleted because it is triggered by branches [{followers}]',
    },
)
