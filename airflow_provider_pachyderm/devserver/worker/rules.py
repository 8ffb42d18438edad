"""What differs between releases about running a command."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

COMMIT_VARIABLES = Rule(
    "A command is told the commits of its inputs and of its output",
    {"1.4": False, "1.7.11": True},
)
JOIN_VARIABLES = Rule(
    "A command is told what its files were joined and grouped by",
    {"1.4": False, "2.1": True},
    source="src/server/worker/driver/driver.go",
)
ENV_FILE = Rule(
    "The variables of a command are also in /pfs/.env",
    {"1.4": False, "2.6": True},
    source="src/server/worker/driver/driver.go",
)
PROJECT_VARIABLES = Rule(
    "A command is told its project",
    {"1.4": False, "2.5": True},
)
FILE_SET_VARIABLE = Rule(
    "A command is told a file set",
    {"1.4": False, "2.11": True},
)
ERR_CMD_EACH_TRY = Rule(
    "err_cmd runs after each try that fails, in the time that is left of it, not only after the last",
    {"1.4": False, "2.0": True},
    source="src/server/worker/datum/datum.go",
)
SPECIAL_FILES_FAIL = Rule(
    "A named pipe that is left in /pfs/out makes the datum fail",
    {"1.4": True, "2.0": False},
    source="src/server/worker/driver/driver.go",
)
BAD_OUTPUTS_NEVER_END = Rule(
    "A job with a link that leads nowhere, or a name that PFS does not take, begins again and again",
    {"1.4": False, "2.0": True},
)
