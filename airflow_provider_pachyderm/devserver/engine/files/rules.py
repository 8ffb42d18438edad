"""What differs between releases about files."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Said, Text, coded

# ---- writing ----------------------------------------------------------------------------

ONE_SHOT = Rule(
    "A write to a branch whose head is finished, or that does not exist, makes a commit",
    {"1.4": False, "1.7.2": True},
    recorded="1.6.10 1.7.14",
    source="src/server/pfs/server/driver.go: putFile",
)
PUTS_TO_FINISHED_LOST = Rule(
    "A put to a finished commit is accepted, and lost",
    {"1.4": True, "1.5": False},
    recorded="1.4.8 1.5.3",
)
UNKNOWN_ID_WRITES_TO_BRANCH = Rule(
    "A write to a commit id that does not exist goes to the branch named with it",
    {"1.4": False, "2.0": True},
    recorded="2.0.8",
    source="src/server/pfs/server/api_server.go: modifyFile",
)
DELETES_ARE_CHECKED = Rule(
    "Paths to delete are checked as those to write, else taken as they are",
    {"2.0": False, "2.2": True},
    recorded="2.1.9 2.2.8",
)
DELETE_NEEDS_SLASH = Rule(
    "To delete a directory takes a slash at its end",
    {"1.4": False, "2.0": True},
    recorded="2.0.8",
    source="src/internal/storage/fileset/unordered_writer.go: Delete",
)
KEEPS_CHANGES = Rule(
    "What a commit changed is still known when it is finished",
    {"1.4": False, "2.0": True},
    source="src/server/pfs/server/commit_store.go: GetDiffFileSet",
)
ROOT_COPIED = Rule(
    "CopyFile of the root copies all there is, else nothing",
    {"2.0": False, "2.2": True},
    recorded="2.1.9 2.2.8",
)
COPIES_STAND_APART = Rule(
    "What is copied and written to one file in one stream stands side by side, so that the commit fails",
    {"2.0": False, "2.1": True},
    source="src/internal/storage/fileset/unordered_writer.go: Copy",
)
COPY_NEEDS_HEAD = Rule(
    "CopyFile from a branch without a head is refused, else it does nothing",
    {"1.4": True, "1.8": False},
    recorded="1.7.14 1.8.8",
)

# ---- reading ----------------------------------------------------------------------------

OPEN_UNREADABLE = Rule(
    "No open commit can be read",
    {"1.4": True, "1.5": False},
    recorded="1.4.8 1.5.3",
)
OPEN_OUTPUT_UNREADABLE = Rule(
    "Downstream commits cannot be read before they are finished",
    {"1.4": False, "1.8": True, "2.0": False},
    recorded="1.13.4 2.0.8",
    source={"1.8": "src/server/pfs/server/driver.go: getFile"},
)
OUTPUT_LOSES_FILES = Rule(
    "Finished downstream commits read as empty, but their files are counted and inherited",
    {"1.4": False, "1.8": True, "1.9": False},
    recorded="1.9.12",
    source={"1.8": "src/server/pfs/server/driver.go: getTree", "1.9": "src/server/pfs/server/driver.go: getFile"},
)
NAMES_RESOLVED_COMMIT = Rule(
    "A missing file is reported with the id of the commit, else with the id as asked for",
    {"1.4": True, "2.11": False},
    recorded="2.11.6",
    source="src/server/pfs/server/source.go: NewSource",
)
CLASH_UNREADABLE = Rule(
    "Where a file and a directory, or files of two datums, have one path, reading fails",
    {"2.0": False, "2.11": True},
    recorded="2.10.7 2.11.6",
)
RANGE_END = Rule(
    "What is looked at behind a range of paths",
    {"2.0": "nothing", "2.4.5": "named", "2.8.5": "next", "2.9": "named", "2.9.1": "next"},
    recorded="2.4.6",
    source="src/server/pfs/server/source.go: NewSource",
)
PAGES_REPEAT_MARKER = Rule(
    "A page of a list begins with its marker, else behind it",
    {"2.0": False, "2.4": True, "2.7": False},
    recorded="2.4.6 2.6.11 2.7.8",
    source="src/server/pfs/server/driver_file.go: listFile",
)

# ---- file sets --------------------------------------------------------------------------

FILE_SETS_HAVE_HANDLES = Rule(
    "The id of a file set has a dot and a hash of its content behind it",
    {"1.4": False, "2.12": True},
    recorded="2.11.6 2.12.0-rc.3",
)
DIFF_SETS_BY_ID = Rule(
    "What a commit changed is found by the commit's id only, not by its branch",
    {"2.0": False, "2.9": True, "2.11": False},
    source={"2.11": "src/server/pfs/server/commit_store.go: GetDiffFileSet"},
)
GETTING_FILE_SET = Rule(
    "A refusal of GetFileSet begins with",
    {"2.0": "", "2.11": "get file set"},
    recorded="2.10.7 2.11.6",
)
ADDING_FILE_SET = Rule(
    "A refusal of AddFileSet begins with",
    {"2.0": "", "2.11": "add file set"},
    recorded="2.10.7 2.11.6",
)

# ---- refusals ---------------------------------------------------------------------------

FILE_NOT_FOUND = Text(
    "The file does not exist",
    {
        "1.4": "file {path} not found in repo {repo} at commit {id}",
        **coded("file {path} not found in repo {repo} at commit {id}"),
    },
    recorded="2.0.8",
    source={
        "2.1": "src/server/pfs/pfs.go: GRPCStatus",
        "2.2.1": "src/internal/middleware/errors/interceptor.go: errorForGRPC",
    },
)
NEGATIVE_REVERSE = Text(
    "A reversed list of a negative number of files",
    {
        "2.0": Said("a real server crashes here: makeslice: len out of range", "UNAVAILABLE"),
        "2.11": Said("panic: runtime error: makeslice: len out of range", "ABORTED"),
    },
    recorded="2.11.6",
    source="src/internal/middleware/recovery/recovery.go",
)
