"""What differs between releases about projects, which there are from 2.5 on."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Said, Text

DEFAULT_PROJECT_UNDATED = Rule(
    "The project that is always there has no creation time until all was deleted once",
    {"1.4": False, "2.6": True, "2.7": False},
)
PROJECT_UPDATE_CREATES = Rule(
    "CreateProject with update makes a project that does not exist",
    {"2.5": False, "2.7": True, "2.10": False},
    recorded="2.6.11 2.7.8 2.9.7 2.10.7",
)
NEWEST_PROJECT_FIRST = Rule(
    "ListProject begins with the newest",
    {"1.4": False, "2.5": True, "2.7": False},
    recorded="2.5.9 2.6.11 2.7.8",
    source="src/server/pfs/server/driver.go: listProject",
)
FORCE_DELETES_PROJECT = Rule(
    "DeleteProject with force does this about the repos in it",
    {"2.5": "deletes them", "2.6": "nothing", "2.8": "fails in other words"},
    source="src/server/pfs/server/driver.go: deleteProject",
)
PROJECT_EXISTS = Text(
    "A project of this name exists already",
    {
        "2.5": Said('project "{project}" already exists', "ALREADY_EXISTS"),
        "2.6": Said("project {project} already exists", "ALREADY_EXISTS"),
        "2.8": Said('project "{project}" already exists\nproject {project} already exists', "ALREADY_EXISTS"),
    },
    recorded="2.6.11 2.8.10",
    source={
        "2.6": "src/server/pfs/server/driver.go: createProject",
        "2.8": "src/internal/pfsdb/projects.go: CreateProject",
    },
)
PROJECT_NOT_FOUND = Text(
    "The project does not exist",
    {
        "2.5": Said("projects {project} not found", "NOT_FOUND"),
        "2.7": Said("project {quoted}not found", "NOT_FOUND"),
        "2.10": Said("get project by name: project {quoted}not found", "NOT_FOUND"),
    },
    recorded="2.6.11 2.7.8 2.9.7 2.10.7",
)
PROJECT_OF_REPO_NOT_FOUND = Text(
    "The project that a repo is to be made in does not exist",
    {
        "2.5": Said('project "{project}" not found', "NOT_FOUND"),
        "2.7": Said("project {quoted}not found", "NOT_FOUND"),
        "2.10": Said("get project by name: project {quoted}not found", "NOT_FOUND"),
    },
    recorded="2.6.11 2.9.7 2.10.7",
    source="src/server/pfs/server/driver.go: createRepo",
)
INSPECTING_PROJECT = Rule(
    "A refusal of InspectProject begins with",
    {"2.5": "", "2.7": 'error getting project "{project}"'},
    recorded="2.6.11 2.7.8",
)
UPDATING_PROJECT = Rule(
    "A refusal of CreateProject with update begins with",
    {"2.5": "", "2.7": "get project {project}"},
    recorded="2.6.11",
    source="src/server/pfs/server/driver.go: createProject",
)
PROJECT_TO_DELETE_NOT_FOUND = Text(
    "DeleteProject of a project that does not exist",
    {
        "2.5": Said('delete project "{project}": projects {project} not found', "NOT_FOUND"),
        "2.7": Said('delete project "{project}": project "{project}" not found', "NOT_FOUND"),
    },
    recorded="2.6.11 2.7.8",
)
BEFORE_REPO_OF_NO_PROJECT = Rule(
    "What is said of a missing repo begins with this if its project is missing, too",
    {
        "1.4": "",
        "2.8": 'project "{project}" not found',
        "2.10": 'get project by name: project "{project}" not found',
    },
    recorded="2.8.10 2.9.7 2.10.7",
    source={"2.8": "src/internal/pfsdb/repos.go: GetRepoByName"},
)
PROJECT_HOLDS_REPOS = Text(
    "DeleteProject of a project that holds repos",
    {
        "2.5": 'project "{project}" contains {count} repos',
        "2.6": Said("cannot delete project {project}: repo {repo} still exists", "FAILED_PRECONDITION"),
    },
    recorded="2.5.9 2.6.11",
)
