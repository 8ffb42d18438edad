"""What differs between releases about datums."""

from airflow_provider_pachyderm.devserver.releases.rule import Rule

DATUM_ORDER = Rule(
    "Datums of an input are in the order of: glob = GlobFile, size = largest first, hash = hashes of the files, "
    "path = paths, the last input of a cross changing first, id = ids of the datums",
    {"1.4": "glob", "1.7": "size", "1.13": "hash", "2.0": "path", "2.4": "id"},
    source={
        "1.13": "src/server/worker/datum/iterator.go",
        "2.0": "src/server/worker/datum/iterator.go",
        "2.4": "src/server/worker/datum/iterator.go",
    },
)
