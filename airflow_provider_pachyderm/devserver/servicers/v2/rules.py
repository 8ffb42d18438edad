"""What differs between releases about the calls of 2.x."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Said, Text

VALIDATES = Rule(
    "Requests without what they need are refused before anything else, with a status of its own",
    {"2.0": False, "2.8": True},
    recorded="2.7.8 2.8.10",
)
CHECK_STORAGE_FAILS = Rule(
    "CheckStorage fails unless it is to read the content",
    {"2.0": False, "2.7": True, "2.9": False},
    recorded="2.6.11 2.7.8 2.8.10 2.9.7",
)
STARTING_COMMIT = Rule(
    "A refusal of StartCommit begins with",
    {"2.0": "", "2.11": "start commit in transaction"},
    recorded="2.10.7 2.11.6",
)
GETTING_FILE = Rule(
    "A refusal of GetFile begins with",
    {"2.0": "", "2.11": "get file"},
    recorded="2.10.7 2.11.6",
)
COMPARING_FILES = Rule(
    "A refusal of DiffFile begins with",
    {"2.0": "", "2.11": "inspect commitHandle", "2.12": ""},
    recorded="2.10.7 2.11.6 2.12.0-rc.3",
)
DEADLINE_OVER = Text(
    "What is told now and then when the time of a caller who waits is up",
    {
        "2.0": "context deadline exceeded",
        "2.12": "inspect finishing or finished commit: watcher cancelled: context deadline exceeded",
    },
    source="src/server/pfs/server/driver.go: inspectCommit",
)
NO_REPO_GIVEN = Text(
    "DeleteRepo that names no repo",
    {"2.0": "must specify repo", "2.5": Said("no repo specified", "INVALID_ARGUMENT")},
    recorded="2.4.6 2.5.9",
)
DIRECTORY_UNREADABLE = Text(
    "GetFile of a directory",
    {
        "2.0": "cannot get non-regular file. Try GetFileTAR for directories",
        "2.3": "cannot get directory or non-regular file. Use GetFileTAR instead",
    },
    recorded="2.2.8 2.3.9",
)
SEVERAL_UNREADABLE = Text(
    "GetFile of several files",
    {
        "2.0": "matched multiple files. Try GetFileTAR",
        "2.3": "matched multiple files. Use GetFileTAR instead",
    },
    recorded="2.2.8 2.3.9",
)
