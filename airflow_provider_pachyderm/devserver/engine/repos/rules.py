"""What differs between releases about repos."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Said, Text, changed, coded

NAMES_SHOW_PROJECTS = Rule("Texts name repos with their projects", {"1.4": False, "2.5": True})
NAMES_SHOW_TYPES = Rule("Texts name repos with their types, unless they are user repos", {"1.4": False, "2.0": True})

REPO_ORDER = Rule("ListRepo sorts by", {"1.4": "num DESC", "2.8": "num", "2.10": "project, name"})
REPO_NAME_IS_CALLED = Rule("Refusals of bad names of repos begin with", {"1.4": "repo name", "1.9": "name"})
UPDATE_CREATES_REPO = Rule("CreateRepo with update makes a repo that does not exist", {"1.4": False, "1.8": True})
DELETE_MISSING_REPO_FAILS = Rule("DeleteRepo of a repo that does not exist is an error", {"1.4": True, "1.7": False})
SIZE_OF_ALL_COMMITS = Rule(
    "The size of a repo is that of all its commits, not that of the head of master", {"1.4": True, "1.8.5": False}
)
REPO_KEEPS_GRAPH = Rule(
    "Deleting a repo takes its commits out of the subvenance of the commits they were made from",
    {"1.4": False, "1.9.2": True},
)
DELETING_REPO = Rule(
    "A refusal to delete a repo begins with", {"1.4": "", "2.0": "error deleting branches", "2.8": "delete repo"}
)

REPO_NOT_FOUND = Text(
    "The repo does not exist",
    {
        "1.4": "pachyderm_pfs/repos/ {repo} not found",
        "1.9": "/pachyderm_pfs/repos/ {repo} not found",
        **coded("repo {repo} not found"),
    },
)
REPO_OF_NO_TYPE_NOT_FOUND = Text(
    "The repo was asked for without its type",
    changed(
        REPO_NOT_FOUND,
        {"2.8": 'scanning repo row: ERROR: invalid input value for enum pfs.repo_type: "" (SQLSTATE 22P02)'},
    ),
)
REPO_EXISTS = Text(
    "A repo of this name exists already",
    {
        "1.4": "pachyderm_pfs/repoRefCounts/ {repo} already exists",
        "1.6": 'cannot create "{repo}" as it already exists',
        "1.11.5": "repo {repo} already exists",
        **coded("repo {repo} already exists", "ALREADY_EXISTS"),
    },
)
REPO_TO_DELETE_NOT_FOUND = Text(
    "DeleteRepo of a repo that does not exist",
    {"1.4": "pachyderm_pfs/repoRefCounts/ {repo} not found", "1.6": 'cannot delete "{repo}" as it does not exist'},
)
NO_USER_REPO = Text(
    "A repo of another type comes with a user repo of its name, which does not exist",
    {
        **coded("cannot create a system repo without a corresponding 'user' repo: repo {repo} not found"),
        "2.8": Said(
            "cannot create a system repo without a corresponding 'user' repo: "
            "repo (id=0, project={repo.project}, name={repo.name}, type={repo.type}) not found",
            "NOT_FOUND",
        ),
    },
)
REPO_TO_BRANCH_NOT_FOUND = Text(
    "CreateBranch in a repo that does not exist",
    {
        "1.4": "pachyderm_pfs/repos/ {repo} not found",
        "1.9": "/pachyderm_pfs/repos/ {repo} not found",
        "2.0": "repo {repo} not found",
        "2.2.1": Said("repo {repo} not found", "NOT_FOUND"),
        "2.8": Said(
            "get commit by commit key: "
            "repo (id=0, project={repo.project}, name={repo.name}, type={repo.type}) not found\n"
            "commit (int_id=0, commit_id={repo.path}@{id}) not found",
            "NOT_FOUND",
        ),
    },
)
