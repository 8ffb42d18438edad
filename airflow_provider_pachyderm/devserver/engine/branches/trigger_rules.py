"""What differs between releases about triggers."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

TRIGGERS_SEEN_AS_OLDEST = Rule(
    "The look for loops of triggers takes the oldest branch for every one of its repo",
    {"1.4": False, "2.0": True, "2.6.6": False},
    recorded="1.13.4 2.0.8 2.5.9 2.6.11",
    source="src/server/pfs/server/trigger.go: validateTrigger",
)
TRIGGERS_HOLD = Rule(
    'Triggers keep branches from being deleted: those that are "followed", or "both" these and those that follow; '
    "branches that follow a deleted one do not any more",
    {"1.4": "", "2.8": "followed", "2.9": "both"},
    recorded="2.8.10 2.9.7",
    source="src/server/pfs/server/driver.go: deleteBranch",
)
TRIGGER_NEEDS_BRANCH = Rule(
    "The branch that a trigger follows has to exist",
    {"1.4": False, "2.8": True},
    recorded="2.7.8 2.8.10",
)
TRIGGER_SKIPS_ROOT = Rule(
    "The empty commit that a branch begins with is not counted by triggers",
    {"1.4": False, "2.8": True},
    source="src/server/pfs/server/trigger.go: isTriggered",
)
FINISHED_TRIGGERS_OWN_BRANCH = Rule(
    "A finished commit also triggers what follows the branch on which it was made",
    {"1.4": False, "1.12": True},
    source="src/server/pfs/server/trigger.go: triggerCommit",
)
RATE_LIMIT_IS_CALLED = Rule(
    "Refusals call the limit of how often a trigger fires",
    {"1.4": "cron spec", "2.6.6": "rate limit spec"},
    source="src/server/pfs/server/trigger.go: validateTrigger",
)
CRON_NEVER = Rule(
    "@never is a cron expression",
    {"1.4": False, "2.6": True},
    source="src/server/pfs/server/trigger.go: validateTrigger",
)
