"""What differs between releases about objects of object stores that are not there."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

_SOURCE = {
    "2.0": "src/internal/obj/amazon_client.go: transformError",
    "2.5": "src/server/pfs/server/url.go: putFileURL",
}

MISSING_OBJECT = Rule(
    "The words for an object that is not there; with {blob}, those of Go's library for all object stores",
    {"1.4": "{error}", "2.0": "{bucket} does not contain item: ({key})", "2.5": "{blob}"},
    source=_SOURCE,
)
MISSING_OBJECT_STATUS = Rule(
    "The status for an object that is not there",
    {"1.4": "UNKNOWN", "2.0": "NOT_FOUND", "2.5": "UNKNOWN"},
    source=_SOURCE,
)
WRAPS_STORE_ERRORS = Rule(
    "Errors of object stores are told in the words of Go's library for all of them",
    {"1.4": False, "2.5": True},
    source="src/server/pfs/server/url.go: putFileURL",
)
