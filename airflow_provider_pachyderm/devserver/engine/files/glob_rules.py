"""What differs between releases about patterns."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

SPECIAL_CHARACTERS = Rule(
    "Characters that make a pattern of a path",
    {"1.4": "*?[\\", "1.6": "*?[]{}!()@+^\\", "1.7": "*?[]{}!", "1.9.4": "*?[]{}!()@+^"},
)
CAPTURES = Rule("@( ), !( ) and their like have a meaning", {"1.4": False, "1.9.4": True})
NEGATIONS = Rule("Characters that negate a class", {"1.4": "^", "1.6": "!", "1.9.4": "!^"})
SHELL_PATTERNS = Rule(
    "Patterns are those of the shell: ** is *, braces are ordinary, a class may hold nothing",
    {"1.4": True, "1.6": False},
)
AROUND_STARS_OVERLAPS = Rule(
    "What is before and after a lone ** may match the same characters", {"1.4": False, "1.6": True, "1.9.4": False}
)
RANGE_CRASHES = Rule("Real servers die of a range in reverse order", {"1.4": False, "1.9.4": True, "1.12.5": False})
BRACE_CRASHES = Rule(
    "Real servers die of an opening brace at the end, if what is before it has a length",
    {"1.4": False, "1.6": True, "1.9.4": False},
)
NAMES_HAVE_TO_EXIST = Rule(
    "GlobFile of a path without special characters that does not exist is refused",
    {"1.4": False, "1.7": True, "1.8": False},
)
