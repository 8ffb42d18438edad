"""What differs between releases about jobs."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule
from airflow_provider_pachyderm.devserver.releases.text import Text, coded

_SERVER = "src/server/pps/server/api_server.go"

JOB_NOT_FOUND = Text(
    "A job that does not exist",
    {"1.9": "pachyderm_pps/jobs/ {job.id} not found", **coded("jobs {job} not found")},
    recorded="1.13.4 2.11.6",
    source="src/internal/collection/postgres_collection.go: Get",
)
STOPPED_REASON = Rule(
    "A job that StopJob ends without a reason has the reason",
    {"1.9": "", "1.11": "output commit closed", "2.0": "job stopped"},
    recorded="2.11.6",
    source=f"{_SERVER}: stopJob",
)
UPDATED_REASON = Rule(
    "Jobs that an update of their pipeline ends have the reason",
    {
        "1.9": "pipeline has been updated",
        "1.11": "output commit closed",
        "2.0": "pipeline updated",
        "2.5": "all jobs killed because pipeline was updated for user {user}",
    },
    source=f"{_SERVER}: CreatePipelineInTransaction",
)
PAUSED_REASON = Rule(
    "Jobs that StopPipeline ends have the reason",
    {"2.0": "pipeline updated", "2.5": "all jobs killed because pipeline was stopped for user {user}"},
    source=f"{_SERVER}: StopPipeline",
)
REMOVED_REASON = Rule(
    "A job whose commit is removed before it ends has the reason",
    {"1.9": "output commit missing", "2.0": "output commit removed"},
    source="src/server/pfs/server/driver.go: squashCommitSet",
)
UNRUNNABLE_STATE = Rule(
    "A job whose inputs failed is UNRUNNABLE, not FAILURE",
    {"1.9": False, "2.3": True},
    recorded="1.13.4 2.11.6",
    source="src/server/worker/pipeline/transform/registry.go: processJobStarting",
)
INPUTS_FAILED_REASON = Rule(
    "A job whose inputs failed has the reason",
    {
        "1.9": "inputs {inputs} failed",
        "1.11": "inputs failed: {inputs}",
        "2.3": "unrunnable because the following upstream pipelines failed: {inputs}",
    },
    recorded="1.13.4 2.11.6",
    source="src/server/worker/pipeline/transform/registry.go: processJobStarting",
)
DATUM_FAILED_REASON = Rule(
    "A job of which a datum failed has the reason",
    {"1.9": "failed to process datum: {datum}", "1.11": "datum failed", "2.0": "datum {datum} failed"},
    recorded="1.13.4 2.11.6",
    source="src/server/worker/pipeline/transform/registry.go: processJobRunning",
)
TIMED_OUT_REASON = Rule(
    "A job that takes longer than its timeout has the reason",
    {"1.9": "", "1.11": "job timed out", "2.3": " jobtimed out"},
    recorded="2.11.6",
    source="src/server/worker/pipeline/transform/registry.go: startJob",
)
