"""What differs between releases of 1.x about PutFile."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

_SAME_COMMIT = "all requests in a put files call must have the same commit ID; expected '{one}', got '{other}'"

MANY_FILES = Rule(
    "A stream may hold several files, else all its content goes to the first",
    {"1.4": False, "1.7.6": True},
    recorded="1.7.14",
    source="src/server/pfs/server/driver.go: putFiles",
)
SAME_COMMIT = Rule(
    "A second commit in a stream is refused with these words; else it is not looked at",
    {"1.4": "", "1.8.3": _SAME_COMMIT.replace("all", "All", 1), "1.9.10": _SAME_COMMIT},
    source="src/server/pfs/server/driver.go: forEachPutFile",
)
STREAM_SCRAMBLES = Rule(
    "A file that comes three times or more in a stream is stored in another order",
    {"1.4": False, "1.7.6": True, "1.11.8": False},
    source="src/server/pfs/server/driver.go: putFiles",
)
PUTS_SIDE_BY_SIDE = Rule(
    "The puts of a stream are done side by side, so that of several of one file any may be the last",
    {"1.4": False, "1.8.3": True},
    source="src/server/pfs/server/driver.go: putFiles",
)
SPLIT_LIMITS_CHECKED = Rule(
    "Limits of a split without a delimiter are refused, else they mean nothing",
    {"1.4": False, "1.8": True},
    recorded="1.7.14 1.8.8",
)
CUT_JSON_STATUS = Rule(
    "The status for JSON that ends too early",
    {"1.4": "FAILED_PRECONDITION", "1.8": "UNKNOWN"},
    recorded="1.7.14 1.8.8",
)
BAD_URL_IS_NAMED = Rule(
    "The refusal of a URL that is no http one names the URL",
    {"1.4": False, "1.5": True},
)
URL_STATUS_CHECKED = Rule(
    "A URL that answers with an error is refused, else the answer is stored",
    {"1.4": False, "1.9.4": True},
    source="src/server/pfs/server/driver.go: forEachPutFile",
)
EMPTY_STREAM_STATUS = Rule(
    'A stream without messages is refused with this status, as "EOF"; else it is fine',
    {"1.4": "", "1.7": "OUT_OF_RANGE", "1.8": "UNKNOWN", "1.11.8": ""},
    source={
        "1.8": "src/server/pkg/hashtree/db.go: PutFile",
        "1.11.8": "src/server/pfs/server/driver.go: forEachPutFile",
    },
)
HEADER_FOOTER_FIELDS = Rule(
    "The numbers of header_records and delete are those of two messages",
    {"1.4": False, "1.7.10": True, "1.8": False},
    recorded="1.8.8",
    source="src/client/pfs/pfs.proto: PutFileRequest",
)
OVERWRITE_FLAG = Rule(
    "The number of overwrite_index is that of a bool",
    {"1.4": False, "1.5.3": True, "1.6": False},
    recorded="1.6.10",
    source="src/client/pfs/pfs.proto: PutFileRequest",
)
DELIMITERS = Rule(
    "Delimiters that are known",
    {"1.4": frozenset({1, 2}), "1.7.10": frozenset({1, 2, 3}), "1.8": frozenset({1, 2, 3, 4})},
    recorded="1.8.8",
    source="src/server/pfs/server/driver.go: putFile",
)
DUMP_ROWS_CRLF = Rule(
    "Rows of an SQL dump may end as lines on Windows do",
    {"1.4": False, "1.8": True},
    source="src/server/pkg/sql/sql.go: ReadRow",
)
