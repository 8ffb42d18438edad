"""What differs between releases about repos."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Said, Text, changed, coded

NAMES_SHOW_PROJECTS = Rule(
    "Texts name repos with their projects",
    {"1.4": False, "2.5": True},
    recorded="2.4.6 2.5.9",
)
NAMES_SHOW_TYPES = Rule(
    "Texts name repos with their types, unless they are user repos",
    {"1.4": False, "2.0": True},
    recorded="2.0.8",
    source="src/pfs/pfs.go: String",
)

REPO_ORDER = Rule(
    "ListRepo sorts by",
    {"1.4": "num DESC", "2.8": "num", "2.10": "project, name"},
    recorded="2.7.8 2.8.10 2.9.7 2.10.7",
)
REPO_NAME_IS_CALLED = Rule(
    "Refusals of bad names of repos begin with",
    {"1.4": "repo name", "1.9": "name"},
    recorded="1.8.8 1.9.12",
)
UPDATE_CREATES_REPO = Rule(
    "CreateRepo with update makes a repo that does not exist",
    {"1.4": False, "1.8": True},
    recorded="1.7.14 1.8.8",
)
DELETE_MISSING_REPO_FAILS = Rule(
    "DeleteRepo of a repo that does not exist is an error",
    {"1.4": True, "1.7": False},
    recorded="1.6.10 1.7.14",
)
SIZE_OF_ALL_COMMITS = Rule(
    "The size of a repo is that of all its commits, not that of the head of master",
    {"1.4": True, "1.8.5": False},
    recorded="1.7.14 1.8.8",
    source="src/server/pfs/server/driver.go: finishCommit",
)
REPO_KEEPS_GRAPH = Rule(
    "Deleting a repo takes its commits out of the subvenance of the commits they were made from",
    {"1.4": False, "1.9.2": True},
    recorded="1.8.8",
    source="src/server/pfs/server/driver.go: deleteRepo",
)
DELETING_REPO = Rule(
    "A refusal to delete a repo begins with",
    {"1.4": "", "2.0": "error deleting branches", "2.8": "delete repo"},
    recorded="1.13.4 2.0.8",
    source="src/server/pfs/server/driver.go: deleteRepo",
)

REPO_NOT_FOUND = Text(
    "The repo does not exist",
    {
        "1.4": "pachyderm_pfs/repos/ {repo} not found",
        "1.9": "/pachyderm_pfs/repos/ {repo} not found",
        **coded("repo {repo} not found"),
    },
    recorded="1.8.8 2.0.8",
    source={
        "1.9": "src/server/pkg/collection/errors.go: Error",
        "2.0": "src/internal/collection/errors.go: Error",
        "2.1": "src/internal/middleware/errors/interceptor.go: UnaryServerInterceptor",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
    },
)
REPO_OF_NO_TYPE_NOT_FOUND = Text(
    "The repo was asked for without its type",
    changed(
        REPO_NOT_FOUND,
        {"2.8": 'scanning repo row: ERROR: invalid input value for enum pfs.repo_type: "" (SQLSTATE 22P02)'},
    ),
    recorded="2.0.8 2.7.8 2.8.10",
    source={
        "1.9": "src/server/pkg/collection/errors.go: Error",
        "2.0": "src/internal/collection/errors.go: Error",
        "2.1": "src/internal/middleware/errors/interceptor.go: UnaryServerInterceptor",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
    },
)
REPO_EXISTS = Text(
    "A repo of this name exists already",
    {
        "1.4": "pachyderm_pfs/repoRefCounts/ {repo} already exists",
        "1.6": 'cannot create "{repo}" as it already exists',
        "1.11.5": "repo {repo} already exists",
        **coded("repo {repo} already exists", "ALREADY_EXISTS"),
    },
    recorded="1.5.3 1.6.10 1.10.5 1.11.9 2.0.8 2.1.9 2.2.8",
    source={
        "1.11.5": "src/server/pfs/server/driver.go: createRepo",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
    },
)
REPO_TO_DELETE_NOT_FOUND = Text(
    "DeleteRepo of a repo that does not exist",
    {"1.4": "pachyderm_pfs/repoRefCounts/ {repo} not found", "1.6": 'cannot delete "{repo}" as it does not exist'},
    recorded="1.5.3 1.6.10",
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
    source={
        "2.1": "src/server/pfs/server/driver.go: createRepo",
        "2.2.1": "src/internal/middleware/errors/interceptor.go: errorForGRPC",
        "2.8": "src/server/pfs/server/driver.go: createRepo",
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
    recorded="2.0.8 2.1.9 2.2.8 2.7.8 2.8.10",
    source={
        "1.9": "src/server/pfs/server/driver.go: createBranch",
        "2.0": "src/server/pfs/server/driver.go: createBranch",
        "2.2.1": "src/internal/collection/errors.go: GRPCStatus",
    },
)
CHECKING_DELETE = Rule(
    "A refusal to delete the repo of a pipeline begins with, after that",
    {"2.0": "", "2.8": 'error checking whether repo "{repo}" can be deleted'},
    recorded="2.11.6",
    source="src/server/pfs/server/driver.go: deleteRepo",
)
