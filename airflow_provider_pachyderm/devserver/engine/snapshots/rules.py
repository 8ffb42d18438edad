"""What differs between releases of 1.x about what becomes of what was written to a commit."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Text

KEPT_CHANGES = Rule(
    'Changes of an open commit are kept "in turn"; joined "by path", and applied in the order of the paths; or joined '
    '"by change", and applied in the order of their last changes',
    {"1.4": "in turn", "1.6.7": "by path", "1.7.2": "by change"},
    recorded="1.5.3 1.6.10 1.7.14",
    source="src/server/pfs/server/driver.go: upsertPutFileRecords",
)
DELETE_PATTERNS = Rule(
    "DeleteFile takes patterns, and can delete the root",
    {"1.4": False, "1.7.2": True},
    recorded="1.6.10 1.7.14",
    source="src/server/pkg/hashtree/hashtree.go: DeleteFile",
)
DELETE_SPARES = Rule(
    "Of a directory that is not the first thing that one DeleteFile deletes, every second entry stays, without a "
    "directory",
    {"1.4": False, "1.8": True, "1.11.8": False},
    recorded="1.8.8 1.10.5 1.11.9",
    source="src/server/pkg/hashtree/db.go: deleteDir",
)
HEADERS = Rule(
    'What files of a directory share: nothing; something that is "added" to what they had; or that the directory had '
    'when it was made, and "kept"',
    {"1.4": "", "1.7.10": "added", "1.8": "kept"},
    recorded="1.6.10 1.7.14 1.8.8",
    source="src/server/pkg/hashtree/hashtree.go: PutHeaderFooter",
)
ABOVE_IS_CHECKED_FIRST = Rule(
    "That something above a path is a file is seen before that the path is a directory",
    {"1.4": True, "1.8": False},
    source="src/server/pfs/server/driver.go: putFile",
)

FILE_OVER_DIRECTORY = Text(
    "A file is put where a directory is",
    {
        "1.4": 'could not put file at "{path}"; a node of type directory is already there',
        "1.7": 'could not put file at "{path}"; a file of type directory is already there',
    },
    recorded="1.6.10 1.7.14",
)
FILE_BELOW_FILE = Text(
    "A file is put below another one",
    {
        "1.4": 'attempted to visit "{path}", but it\'s not a directory',
        "1.11": 'attempted to visit "{above}", but it\'s not a directory',
    },
    recorded="1.10.5 1.11.9",
)
