"""What differs between releases of 1.x about CopyFile of a directory."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

COPY_WALKS_BY_PREFIX = Rule(
    "CopyFile of a directory also copies what begins with its path, be it in it or not",
    {"1.4": True, "1.8": False},
    source="src/server/pfs/server/driver.go: copyFile",
)
COPY_TOUCHES_DIRECTORIES = Rule(
    "CopyFile of a directory writes to directories as well, though not with anything",
    {"1.4": False, "1.7.10": True, "1.8": False},
    recorded="1.8.8",
    source="src/server/pfs/server/driver.go: copyFile",
)
COPY_KEEPS_HEADERS = Rule(
    "CopyFile copies a directory with a header as one, and its files not by themselves",
    {"1.4": False, "1.8": True},
    source="src/server/pfs/server/driver.go: copyFile",
)
COPY_DIES_OF_OUTPUTS = Rule(
    "Real servers die of copying from an output commit that has no files of its own yet",
    {"1.4": False, "1.10": True},
    source="src/server/pfs/server/driver.go: copyFile",
)
