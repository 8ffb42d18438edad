"""What differs between releases about pipelines."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Said, Text, coded_late

_SERVER = "src/server/pps/server/api_server.go"
_DEFAULTS = "src/server/pps/server/defaults.go: staticallyValidate"
_NO_SPEC = 'couldn\'t find up to date spec for pipeline "{pipeline}": '
_NO_SPEC_REPO = "repo {repo} not found"

PIPELINE_NOT_FOUND = Text(
    "A pipeline that does not exist",
    {"1.9": 'pipeline "{pipeline}" not found', **coded_late('pipeline "{pipeline}" not found')},
    recorded="1.13.4 2.11.6",
    source="src/server/pps/pps.go: ErrPipelineNotFound",
)
LISTING_PIPELINES = Rule(
    "A refusal to list the versions of a pipeline begins with",
    {"1.9": "", "2.8": "could not list pipeline info"},
    recorded="1.13.4 2.11.6",
    source=f"{_SERVER}: listPipeline",
)
PIPELINE_TO_INSPECT_NOT_FOUND = Text(
    "A pipeline that does not exist, where one is looked at",
    {
        "1.9": 'pipeline "{pipeline}" not found',
        "2.0": _NO_SPEC + _NO_SPEC_REPO,
        "2.1": Said(_NO_SPEC_REPO, "NOT_FOUND", bare=True),
        "2.2.1": Said(_NO_SPEC + _NO_SPEC_REPO, "NOT_FOUND"),
        "2.4": Said("pipeline not found: " + _NO_SPEC + _NO_SPEC_REPO, "NOT_FOUND"),
        "2.6": Said("pipeline was not inspected: " + _NO_SPEC + _NO_SPEC_REPO, "NOT_FOUND"),
        "2.8": Said(
            "pipeline was not inspected: " + _NO_SPEC + "repo (id=0, project={pipeline.project}, name={pipeline.name}, "
            "type=spec) not found\nbranch (id=0, branch={repo}@master) not found\n"
            'branch "master" not found in repo {repo}\npipeline "{pipeline}" not found',
            "NOT_FOUND",
        ),
    },
    recorded="1.13.4 2.11.6",
    source=f"{_SERVER}: InspectPipelineInTransaction",
)
VERSION_TOO_OLD = Text(
    "An older version of a pipeline than there is",
    {
        "1.9": "could not read existing PipelineInfo from PFS",
        "1.11.5": "could not retrieve pipeline spec file from PFS for pipeline '{pipeline}', there may be a problem "
        "reaching object storage, or the pipeline may need to be deleted and recreated",
        "2.0": 'pipeline "{pipeline}" has only {versions} versions, not enough to find ancestor {back}',
    },
    recorded="1.13.4 2.11.6",
    source="src/server/pkg/ppsutil/util.go: GetPipelineInfo",
)
PIPELINE_EXISTS = Text(
    "A pipeline of this name is there already",
    {
        "1.9": "pipeline {pipeline} already exists",
        "2.0": 'pipeline "{pipeline}" already exists',
        "2.2.1": Said('pipeline "{pipeline}" already exists', "ALREADY_EXISTS"),
    },
    recorded="1.13.4 2.11.6",
    source="src/server/pps/pps.go: ErrPipelineAlreadyExists",
)
REPO_BLOCKS_PIPELINE = Rule(
    "A repo with the name of a new pipeline is refused, not taken over",
    {"1.9": False, "2.0": True},
    recorded="1.13.4 2.11.6",
    source=f"{_SERVER}: CreatePipelineInTransaction",
)
NO_PIPELINE_GIVEN = Text(
    "CreatePipeline without a pipeline",
    {"1.9": "invalid pipeline spec: request.Pipeline cannot be nil", "2.0": "request.Pipeline cannot be nil"},
    recorded="1.13.4 2.11.6",
    source=f"{_SERVER}: createPipeline",
)
LONGEST_NAME = Rule(
    "Characters that the name of a pipeline may have",
    {"1.9": 63, "2.5": 51},
    recorded="2.11.6",
    source=f"{_SERVER}: validatePipelineRequest",
)
NAME_TOO_LONG = Text(
    "The name of a pipeline has too many characters",
    {
        "1.9": 'pipeline name is {length} characters long, but must have at most 63: "{name}"',
        "2.5": 'pipeline name "{name}" is {less} characters longer than the 51 max',
        "2.7": 'pipeline name "{name}" is {more} characters longer than the 51 max',
    },
    recorded="2.11.6",
    source=f"{_SERVER}: validatePipelineRequest",
)
DEFAULT_IMAGE = Rule(
    "The image of a pipeline that names none",
    {"1.9": "ubuntu:16.04", "2.0": "ubuntu:20.04"},
    recorded="2.11.6",
    source=f"{_SERVER}: setPipelineDefaults",
)
REPROCESS_SPECS = Text(
    "A reprocess_spec that is none",
    {
        "1.13": "invalid pipeline spec: ReprocessSpec must be one of 'until_success' or 'every_job'",
        "2.8": 'invalid pipeline spec: ReprocessSpec must be one of "until_success" or "every_job"',
    },
    recorded="2.11.6",
    source=_DEFAULTS,
)
HAS_REPROCESS_SPEC = Rule(
    "Specs have a reprocess_spec",
    {"1.9": False, "1.13": True},
    source="src/client/pps/pps.proto: CreatePipelineRequest",
)
INPUT_NAMES_TAKEN = Rule(
    "Names that no input may have",
    {"1.9": ("out",), "2.6": ("out", ".env")},
    recorded="2.11.6",
    source="src/internal/ppsutil/util.go: validateName",
)
INPUT_NAME_TAKEN = Text(
    "An input has a name that is used otherwise",
    {
        "1.9": 'input cannot be named "out", as pachyderm already creates /pfs/out to collect job output',
        "2.6": "input cannot be named {name}",
    },
    recorded="1.13.4 2.11.6",
    source="src/internal/ppsutil/util.go: validateName",
)
INPUT_COMMITS_REFUSED = Rule(
    "An input cannot name a commit",
    {"1.9": False, "2.6": True},
    recorded="2.11.6",
    source=f"{_SERVER}: validateInput",
)
GLOBS_ARE_CLEANED = Rule(
    "A pattern gets a slash before it, and loses the one at its end",
    {"1.9": False, "2.3": True},
    recorded="2.11.6",
    source="src/internal/ppsutil/util.go: setInputDefaults",
)
SECRETS_CHECKED = Rule(
    "Secrets that a spec names have to exist",
    {"1.9": False, "2.3": True},
    recorded="1.13.4 2.11.6",
    source=f"{_SERVER}: validateSecret",
)
PIPELINES_LIMITED = Rule(
    "Without a licence there are 16 pipelines at most, with 8 workers each",
    {"1.9": False, "1.13": True, "2.12": False},
    recorded="2.11.6",
    source=f"{_SERVER}: validateEnterpriseChecks",
)
AUTOSCALING_WITH_SPOUTS = Rule(
    "A spout can scale itself", {"1.9": True, "2.0": False}, source=f"{_SERVER}: validatePipelineRequest"
)
COMMAND_FOR_LICENCE = Rule(
    "A licence is given with pachctl",
    {"1.13": "enterprise", "2.0": "license"},
    recorded="1.13.4 2.11.6",
    source=f"{_SERVER}: validateEnterpriseChecks",
)
LAST_CHANGED_JOB = Rule(
    "The last job of a pipeline is the one that changed last, not the newest",
    {"1.9": True, "2.1": False},
    source="src/internal/ppsutil/util.go: UpdateJobState",
)
STOPPED_BEFORE_DELETE = Rule(
    "DeletePipeline stops a pipeline first, and leaves it so when the rest is refused",
    {"1.9": False, "2.0": True},
    recorded="1.13.4 2.11.6",
    source=f"{_SERVER}: deletePipeline",
)
JOBS_END_WHEN_STOPPED = Rule(
    "StopPipeline ends the jobs that are not done",
    {"1.9": False, "2.0": True},
    source=f"{_SERVER}: StopPipeline",
)
MISSING_IS_STOPPED = Rule(
    "StopPipeline of a pipeline that does not exist does nothing, unless that is asked for",
    {"1.9": False, "2.0": True},
    recorded="1.13.4 2.11.6",
    source=f"{_SERVER}: StopPipeline",
)
NO_CRON_INPUT = Text(
    "RunCron of a pipeline without a cron input",
    {"1.9": "pipeline must have a cron input", "2.0": "pipeline doesn't have a cron input"},
    recorded="1.13.4 2.11.6",
    source=f"{_SERVER}: RunCron",
)
NAMING_PIPELINE_TO_STOP = Rule(
    "A refusal to delete a pipeline that cannot be stopped begins with",
    {"1.9": "", "2.0": "error stopping pipeline {pipeline}"},
    recorded="2.11.6",
    source=f"{_SERVER}: deletePipeline",
)
UNKNOWN_USER = "unknown_username"
"""Who does something while authentication is off."""
