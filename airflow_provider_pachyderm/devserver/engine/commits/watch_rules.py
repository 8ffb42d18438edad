"""What differs between releases about waiting for commits."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

WAITS_FOR_FINISHING = Rule(
    "InspectCommit can wait until a commit is finishing",
    {"1.4": False, "2.5": True},
    source="src/server/pfs/server/driver.go: inspectCommit",
)
SUBSCRIBE_NEEDS_REPO = Rule(
    "SubscribeCommit in a repo that does not exist is an error, and ends with the repo; else it waits",
    {"1.4": False, "2.8": True},
    recorded="2.7.8 2.8.10",
)
SUBSCRIBE_FROM = Rule(
    'What "from" of SubscribeCommit leaves out: "it"; it and what is "before" it; or that, and it unless it is the '
    '"head"',
    {"1.4": "head", "1.5": "before", "1.9.6": "it"},
    recorded="1.4.8 1.5.3 1.8.8 1.9.12",
    source={"1.9.6": "src/server/pfs/server/driver.go: subscribeCommit"},
)
SUBSCRIBE_NO_BRANCH = Rule(
    'SubscribeCommit without a branch gives "all" commits, none, or is "refused"',
    {"1.4": "all", "1.6": "", "1.8": "refused", "1.9": "all"},
    source={
        "1.8": "src/server/pfs/server/driver.go: resolveCommit",
        "1.9": "src/server/pfs/server/driver.go: resolveCommit",
    },
)
FLUSH_WAITS_FOR_INPUT = Rule(
    "FlushCommit ends after its inputs are finished",
    {"1.4": False, "1.8.5": True},
    recorded="1.8.8",
    source="src/server/pfs/server/driver.go: flushCommit",
)
FLUSH_LOOKS_AGAIN = Rule(
    "FlushCommit looks for what was made from finished commits meanwhile",
    {"1.4": False, "1.11.4": True},
    source="src/server/pfs/server/driver.go: flushCommit",
)
