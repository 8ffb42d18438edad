"""What differs between releases about the calls of 1.x."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

DELETE_BRANCH_BY_NAME = Rule("DeleteBranch takes a repo and a text", {"1.4": True, "1.7": False})
BLOCK_FLAG = Rule("InspectCommit waits for the end or not at all", {"1.4": True, "1.7.1": False})
FSCK_IS_UNARY = Rule("Fsck answers once, with nothing", {"1.4": True, "1.9.4": False})
SUBSCRIBE_FINISHED = Rule(
    "SubscribeCommit sends commits when they are finished, and only then", {"1.4": True, "1.7": False}
)
LIMITED_LIST_BREAKS = Rule(
    'ListCommit fails with "BREAK" when number cuts the list of a whole repo',
    {"1.4": False, "1.9.6": True, "1.11": False},
    # 1.9.6 is where the call was rewritten for ``reverse``
)
MISSING_MESSAGES_CRASH = Rule(
    "Real servers die of a request without an inner message that it needs", {"1.4": True, "1.9.10": False}
)
MISSING_PARENT_CRASHES = Rule(
    "They die of StartCommit without a parent, too", {"1.4": False, "1.5": True, "1.7": False}
)
