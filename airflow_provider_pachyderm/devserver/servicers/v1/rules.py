"""What differs between releases about the calls of 1.x."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

DELETE_BRANCH_BY_NAME = Rule(
    "DeleteBranch takes a repo and a text",
    {"1.4": True, "1.7": False},
    source="src/client/pfs/pfs.proto: DeleteBranchRequest",
)
BLOCK_FLAG = Rule(
    "InspectCommit waits for the end or not at all",
    {"1.4": True, "1.7.1": False},
    recorded="1.7.14",
    source="src/client/pfs/pfs.proto: InspectCommitRequest",
)
FSCK_IS_UNARY = Rule(
    "Fsck answers once, with nothing",
    {"1.4": True, "1.9.4": False},
    source="src/server/pfs/server/api_server.go: Fsck",
)
SUBSCRIBE_FINISHED = Rule(
    "SubscribeCommit sends commits when they are finished, and only then",
    {"1.4": True, "1.7": False},
    recorded="1.6.10 1.7.14",
)
LIMITED_LIST_BREAKS = Rule(
    'ListCommit fails with "BREAK" when number cuts the list of a whole repo',
    {"1.4": False, "1.9.6": True, "1.11": False},
    recorded="1.8.8 1.9.12 1.10.5 1.11.9",
    source="src/server/pfs/server/driver.go: listCommitF",
    # 1.9.6 is where the call was rewritten for ``reverse``
)
MISSING_MESSAGES_CRASH = Rule(
    "Real servers die of a request without an inner message that it needs",
    {"1.4": True, "1.9.10": False},
    source="src/server/pfs/server/driver.go: inspectCommit",
)
MISSING_PARENT_CRASHES = Rule(
    "They die of StartCommit without a parent, too",
    {"1.4": False, "1.5": True, "1.7": False},
    source={
        "1.5": "src/server/pfs/server/api_server.go: StartCommit",
        "1.7": "src/server/pfs/server/driver.go: makeCommit",
    },
)
