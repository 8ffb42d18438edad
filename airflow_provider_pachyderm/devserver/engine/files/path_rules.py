"""What differs between releases about the paths to which files may be written."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

PATHS_CLEANED_FIRST = Rule(
    "A path is cleaned, and then checked (and named in refusals) without the slash of the root; else it is checked as "
    "it was given",
    {"1.4": False, "1.7.2": True, "2.0": False},
    recorded="1.7.14 1.13.4 2.0.8",
    source={"1.7.2": "src/server/pkg/hashtree/path.go: ValidatePath"},
)
ABOVE_ROOT_REFUSED = Rule(
    "A relative path that leads out of the root is refused, else it is cut at the root",
    {"1.4": False, "1.9": True, "2.0": False},
    recorded="1.9.12 1.13.4 2.0.8",
    source={"1.9": "src/server/pfs/server/driver.go: checkFilePath"},
)
ABOVE_ROOT_LOST = Rule(
    "What is put to a relative path that leads out of the root is lost",
    {"1.4": True, "1.7": False},
    source="src/server/pfs/server/driver.go: putFile",
)
RELATIVE_REFUSED = Rule(
    'Segments "." and ".." are refused',
    {"1.4": False, "2.0": True},
    recorded="2.0.8",
    source="src/server/pfs/server/paths.go: validate",
)
PRINTABLE_ONLY = Rule(
    "Only printable ASCII may be written to, at least one character",
    {"1.4": False, "1.6.8": True},
    recorded="1.5.3 1.6.10",
    source="src/server/pfs/server/driver.go: validatePath",
)
FORBIDDEN_CHARACTERS = Rule(
    "Characters that may not be written to, as patterns have them",
    {"1.4": "", "1.7.2": "*?[]{}!", "1.9.8": "*?[]{}!()@+^"},
    recorded="1.6.10 1.7.14 1.8.8 1.9.12",
    source={
        "1.7.2": "src/server/pkg/hashtree/path.go: ValidatePath",
        "1.9.8": "src/server/pkg/hashtree/db.go: globRegex",
    },
)
NULL_REFUSED = Rule(
    "The null character is refused",
    {"1.4": True, "1.6.8": False},
    recorded="1.5.3 1.6.10",
    source="src/server/pfs/server/driver.go: validatePath",
)
ROOT_ACCEPTED = Rule(
    "A put to the root is no error until the commit is finished",
    {"1.4": False, "1.6.8": True, "1.7": False},
    recorded="1.7.14",
    source="src/server/pfs/server/driver.go: validatePath",
)
