"""What differs between releases about triggers."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

TRIGGERS_SEEN_AS_OLDEST = Rule(
    "The look for loops of triggers takes the oldest branch for every one of its repo",
    {"1.4": False, "2.0": True, "2.6.6": False},
)
TRIGGERS_HOLD = Rule(
    'Triggers keep branches from being deleted: those that are "followed", or "both" these and those that follow; '
    "branches that follow a deleted one do not any more",
    {"1.4": "", "2.8": "followed", "2.9": "both"},
)
TRIGGER_NEEDS_BRANCH = Rule("The branch that a trigger follows has to exist", {"1.4": False, "2.8": True})
TRIGGER_SKIPS_ROOT = Rule(
    "The empty commit that a branch begins with is not counted by triggers", {"1.4": False, "2.8": True}
)
FINISHED_TRIGGERS_OWN_BRANCH = Rule(
    "A finished commit also triggers what follows the branch on which it was made", {"1.4": False, "1.12": True}
)
RATE_LIMIT_IS_CALLED = Rule(
    "Refusals call the limit of how often a trigger fires", {"1.4": "cron spec", "2.6.6": "rate limit spec"}
)
CRON_NEVER = Rule("@never is a cron expression", {"1.4": False, "2.6": True})
