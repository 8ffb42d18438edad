"""What differs between releases of 1.x about reading files."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

PATHS_ARE_PATTERNS = Rule(
    "Paths of GetFile and ListFile are patterns",
    {"1.4": False, "1.7.2": True},
    recorded="1.6.10 1.7.14",
    source="src/server/pfs/server/driver.go: getFile",
)
DIRECTORY_REFUSED = Rule(
    "GetFile refuses a directory with these words; else nothing comes",
    {"1.4": "{path} is a directory", "1.7.2": "cannot read directory, no header or footer", "1.8": ""},
    recorded="1.6.10 1.7.14 1.8.8",
    source="src/server/pfs/server/driver.go: getFile",
)
LISTS_FILES = Rule(
    "ListFile of a file tells that file, else it is refused",
    {"1.4": False, "1.7.2": True},
    recorded="1.6.10 1.7.14",
    source="src/server/pfs/server/driver.go: listFile",
)
LISTED_NOT_FOUND = Rule(
    "ListFile and CopyFile say of a path that does not exist",
    {"1.4": 'no node at "{path}"', "1.7": 'file "{path}" not found'},
    recorded="1.6.10 1.7.14",
)
READ_NOT_FOUND_AS_LISTED = Rule(
    "GetFile says so in these words, not in those of InspectFile",
    {"1.4": False, "1.7.2": True},
    recorded="1.6.10 1.7.14",
    source="src/server/pfs/server/driver.go: getFile",
)
PATTERN_NOT_FOUND = Rule(
    "GetFile says of a pattern that matches nothing; else what InspectFile says",
    {"1.4": "no file(s) found that match {path}", "1.9": ""},
    recorded="1.8.8 1.9.12",
)
LISTED_PATHS = Rule(
    'Paths in ListFile begin as "asked"; "bare", without a slash directly below the root; or are "absolute"',
    {"1.4": "asked", "1.7.2": "bare", "1.8": "absolute"},
    recorded="1.6.10 1.7.14 1.8.8",
    source="src/server/pfs/server/driver.go: listFile",
)
ROOT_IN_LISTS = Rule(
    "The root is called in lists",
    {"1.4": "", "1.8": "/"},
    recorded="1.7.14 1.8.8",
)
TELLS_CHILDREN = Rule(
    "Directories tell the names of what is in them: in InspectFile, and in ListFile if asked for",
    {"1.4": True, "1.8": False},
    recorded="1.7.14 1.8.8",
)
RANGES_BREAK = Rule(
    "A range of a large file starts earlier than asked for, and ends with the file",
    {"1.4": False, "1.6": True, "1.7.6": False},
    source="src/server/pfs/server/obj_block_api_server.go: GetObjects",
)
NEGATIVE_OFFSET_REFUSED = Rule(
    "A negative offset is refused, else nothing comes",
    {"1.4": True, "1.6": False},
    source="src/server/pfs/server/driver.go: getFile",
)
LISTS_AS_ASKED = Rule(
    "ListFile names the commit as the request did",
    {"1.4": False, "1.7.2": True, "1.8": False},
    recorded="1.6.10 1.7.14 1.8.8",
    source="src/server/pfs/server/driver.go: listFile",
)
GLOBS_AS_ASKED = Rule(
    "GlobFile names the commit as the request did",
    {"1.4": False, "1.5": True, "1.8": False},
    recorded="1.4.8 1.5.3 1.7.14 1.8.8",
)
DIFFS_BY_NEW_NAMES = Rule(
    "DiffFile finds what is in an older directory under the path of the newer one",
    {"1.4": False, "1.8": True},
    recorded="1.7.14 1.8.8",
)
SORTS_PATHS = Rule(
    "GetFile joins what a pattern matches in the order of the paths as text",
    {"1.4": True, "1.8": False},
    recorded="1.8.8",
    source="src/server/pfs/server/driver.go: getFile",
)
