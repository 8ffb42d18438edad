"""What differs between releases about files."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Said, Text, coded

# ---- writing ----------------------------------------------------------------------------

ONE_SHOT = Rule(
    "A write to a branch whose head is finished, or that does not exist, makes a commit", {"1.4": False, "1.7.2": True}
)
PUTS_TO_FINISHED_LOST = Rule("A put to a finished commit is accepted, and lost", {"1.4": True, "1.5": False})
UNKNOWN_ID_WRITES_TO_BRANCH = Rule(
    "A write to a commit id that does not exist goes to the branch named with it", {"1.4": False, "2.0": True}
)
DELETES_ARE_CHECKED = Rule(
    "Paths to delete are checked as those to write, else taken as they are", {"2.0": False, "2.2": True}
)
DELETE_NEEDS_SLASH = Rule("To delete a directory takes a slash at its end", {"1.4": False, "2.0": True})
KEEPS_CHANGES = Rule("What a commit changed is still known when it is finished", {"1.4": False, "2.0": True})
ROOT_COPIED = Rule("CopyFile of the root copies all there is, else nothing", {"2.0": False, "2.2": True})
COPIES_STAND_APART = Rule(
    "What is copied and written to one file in one stream stands side by side, so that the commit fails",
    {"2.0": False, "2.1": True},
)
COPY_NEEDS_HEAD = Rule(
    "CopyFile from a branch without a head is refused, else it does nothing", {"1.4": True, "1.8": False}
)

# ---- reading ----------------------------------------------------------------------------

OPEN_UNREADABLE = Rule("No open commit can be read", {"1.4": True, "1.5": False})
OPEN_OUTPUT_UNREADABLE = Rule(
    "Downstream commits cannot be read before they are finished", {"1.4": False, "1.8": True, "2.0": False}
)
OUTPUT_LOSES_FILES = Rule(
    "Finished downstream commits read as empty, but their files are counted and inherited",
    {"1.4": False, "1.8": True, "1.9": False},
)
NAMES_RESOLVED_COMMIT = Rule(
    "A missing file is reported with the id of the commit, else with the id as asked for",
    {"1.4": True, "2.11": False},
)
CLASH_UNREADABLE = Rule(
    "Where a file and a directory, or files of two datums, have one path, reading fails", {"2.0": False, "2.11": True}
)
RANGE_END = Rule(
    "What is looked at behind a range of paths",
    {"2.0": "nothing", "2.4.5": "named", "2.8.5": "next", "2.9": "named", "2.9.1": "next"},
)
PAGES_REPEAT_MARKER = Rule(
    "A page of a list begins with its marker, else behind it", {"2.0": False, "2.4": True, "2.7": False}
)

# ---- file sets --------------------------------------------------------------------------

FILE_SETS_HAVE_HANDLES = Rule(
    "The id of a file set has a dot and a hash of its content behind it", {"1.4": False, "2.12": True}
)
DIFF_SETS_BY_ID = Rule(
    "What a commit changed is found by the commit's id only, not by its branch",
    {"2.0": False, "2.9": True, "2.11": False},
)
GETTING_FILE_SET = Rule("A refusal of GetFileSet begins with", {"2.0": "", "2.11": "get file set"})
ADDING_FILE_SET = Rule("A refusal of AddFileSet begins with", {"2.0": "", "2.11": "add file set"})

# ---- refusals ---------------------------------------------------------------------------

FILE_NOT_FOUND = Text(
    "The file does not exist",
    {
        "1.4": "file {path} not found in repo {repo} at commit {id}",
        **coded("file {path} not found in repo {repo} at commit {id}"),
    },
)
NEGATIVE_REVERSE = Text(
    "A reversed list of a negative number of files",
    {
        "2.0": Said("a real server crashes here: makeslice: len out of range", "UNAVAILABLE"),
        "2.11": Said("panic: runtime error: makeslice: len out of range", "ABORTED"),
    },
)
