"""What differs between releases about patterns."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

SPECIAL_CHARACTERS = Rule(
    "Characters that make a pattern of a path",
    {"1.4": "*?[\\", "1.6": "*?[]{}!()@+^\\", "1.7.2": "*?[]{}!", "1.9.8": "*?[]{}!()@+^"},
    recorded="1.6.10 1.7.14 1.8.8 1.9.12",
    source={
        "1.6": "src/server/vendor/github.com/gobwas/glob",
        "1.7.2": "src/server/pkg/hashtree/hashtree.go: globRegex",
        "1.9.8": "src/server/pkg/hashtree/db.go: globRegex",
    },
)
CAPTURES = Rule(
    "@( ), !( ) and their like have a meaning",
    {"1.4": False, "1.9.4": True},
    recorded="1.8.8 1.9.12",
    source="go.mod: github.com/pachyderm/ohmyglob",
)
NEGATIONS = Rule(
    "Characters that negate a class",
    {"1.4": "^", "1.6": "!", "1.9.4": "!^"},
    recorded="1.5.3 1.6.10 1.8.8 1.9.12",
    source={"1.9.4": "go.mod: github.com/pachyderm/ohmyglob"},
)
SHELL_PATTERNS = Rule(
    "Patterns are those of the shell: ** is *, braces are ordinary, a class may hold nothing",
    {"1.4": True, "1.6": False},
    recorded="1.5.3 1.6.10",
)
AROUND_STARS_OVERLAPS = Rule(
    "What is before and after a lone ** may match the same characters",
    {"1.4": False, "1.6": True, "1.9.4": False},
    recorded="1.5.3 1.6.10 1.8.8 1.9.12",
    source={"1.9.4": "go.mod: github.com/pachyderm/ohmyglob"},
)
RANGE_CRASHES = Rule(
    "Real servers die of a range in reverse order",
    {"1.4": False, "1.9.4": True, "1.12.5": False},
    recorded="1.8.8 1.12.5",
    source="go.mod: github.com/pachyderm/ohmyglob",
)
BRACE_CRASHES = Rule(
    "Real servers die of an opening brace at the end, if what is before it has a length",
    {"1.4": False, "1.6": True, "1.9.4": False},
    source={"1.6": "src/server/vendor/github.com/gobwas/glob", "1.9.4": "go.mod: github.com/pachyderm/ohmyglob"},
)
NAMES_HAVE_TO_EXIST = Rule(
    "GlobFile of a path without special characters that does not exist is refused",
    {"1.4": False, "1.7.2": True, "1.8": False},
    recorded="1.6.10 1.7.14 1.8.8",
    source={"1.7.2": "src/server/pkg/hashtree/hashtree.go: glob"},
)
