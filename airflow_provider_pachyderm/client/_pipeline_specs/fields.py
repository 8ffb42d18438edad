"""The fields of a pipeline spec: their kinds, and the releases that know them.

Servers drop a field they do not know without a word when it comes as a message, so it is looked up here first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a spec, or of a part of it.

    :param kind: ``string``, ``bool``, ``int``, ``number``, ``duration``, ``time``, or the name of a part or an
        enumeration below; ``[kind]`` is a list of them, ``{string}`` a map of strings.
    :param versions: the releases that know it, as a :class:`Feature` names them; empty: all that this client deploys
        to, from 1.9 on.
    """

    kind: str
    versions: str = ""


ROOT: Final = "CreatePipelineRequest"
ARGUMENTS: Final = frozenset(("update", "reprocess", "dry_run", "spec_commit"))
"""What has fields there, too, but says how to deploy and not what."""
ENUMS: Final = {
    "Strategy": ("CONSTANT", "COEFFICIENT"),
    "TolerationOperator": ("EMPTY", "EXISTS", "EQUAL"),
    "TaintEffect": ("ALL_EFFECTS", "NO_SCHEDULE", "PREFER_NO_SCHEDULE", "NO_EXECUTE"),
    "SQLFormat": ("UNKNOWN", "CSV", "JSON", "PARQUET"),
}
FIELDS: Final = {
    "CreatePipelineRequest": {
        "pipeline": Field("Pipeline"),
        "transform": Field("Transform"),
        "inputs": Field("[PipelineInput]", "1.4.0 to 1.5.999"),
        "parallelism_spec": Field("ParallelismSpec"),
        "egress": Field("Egress"),
        "output_branch": Field("string"),
        "outputBranch": Field("string", "1.4.0 to 1.4.999"),
        "scaleDownThreshold": Field("duration", "1.4.4 to 1.4.999"),
        "scale_down_threshold": Field("duration", "1.5.0 to 1.9.8"),
        "resource_requests": Field("ResourceSpec"),
        "resource_spec": Field("ResourceSpec", "1.4.5 to 1.6.4"),
        "input": Field("Input"),
        "description": Field("string"),
        "incremental": Field("bool", "1.4.8 to 1.7.999"),
        "cache_size": Field("string", "1.5.1 to 1.13.999"),
        "enable_stats": Field("bool", "1.5.1 to 1.13.999"),
        "batch": Field("bool", "1.5.1 to 1.9.5"),
        "max_queue_size": Field("int", "1.6.0 to 1.13.999"),
        "service": Field("Service"),
        "resource_limits": Field("ResourceSpec"),
        "chunk_spec": Field("ChunkSpec", "1.6.6 to 1.13.999"),
        "datum_timeout": Field("duration"),
        "job_timeout": Field("duration"),
        "salt": Field("string"),
        "standby": Field("bool", "1.7.1 to 1.13.999"),
        "datum_tries": Field("int"),
        "scheduling_spec": Field("SchedulingSpec"),
        "pod_spec": Field("string"),
        "hashtree_spec": Field("HashtreeSpec", "1.7.11 to 1.13.999"),
        "pod_patch": Field("string"),
        "spout": Field("Spout"),
        "tf_job": Field("TFJob", "1.9.8+"),
        "s3_out": Field("bool", "1.10.0+"),
        "metadata": Field("Metadata", "1.10.0+"),
        "sidecar_resource_limits": Field("ResourceSpec", "1.10.5+"),
        "autoscaling": Field("bool", "1.13.0+"),
        "reprocess_spec": Field("string", "1.13.0+"),
        "datum_set_spec": Field("DatumSetSpec", "2.0.0+"),
        "tolerations": Field("[Toleration]", "2.5.0+"),
        "sidecar_resource_requests": Field("ResourceSpec", "2.6.0+"),
        "determined": Field("Determined", "2.7.0+"),
        "maximum_expected_uptime": Field("duration", "2.9.0+"),
    },
    "Pipeline": {
        "name": Field("string"),
        "project": Field("Project", "2.5.0+"),
    },
    "Transform": {
        "image": Field("string"),
        "cmd": Field("[string]"),
        "env": Field("{string}"),
        "secrets": Field("[SecretMount]"),
        "stdin": Field("[string]"),
        "accept_return_code": Field("[int]"),
        "debug": Field("bool"),
        "image_pull_secrets": Field("[string]"),
        "user": Field("string"),
        "working_dir": Field("string"),
        "dockerfile": Field("string"),
        "err_cmd": Field("[string]"),
        "err_stdin": Field("[string]"),
        "build": Field("BuildSpec", "1.11.0 to 1.13.999"),
        "memory_volume": Field("bool", "2.4.0+"),
        "datum_batching": Field("bool", "2.5.0+"),
    },
    "SecretMount": {
        "name": Field("string"),
        "mount_path": Field("string"),
        "env_var": Field("string"),
        "key": Field("string"),
    },
    "BuildSpec": {
        "path": Field("string"),
        "language": Field("string"),
        "image": Field("string"),
    },
    "ParallelismSpec": {
        "strategy": Field("Strategy", "1.4.0 to 1.4.999"),
        "constant": Field("int"),
        "coefficient": Field("number", "1.4.0 to 1.13.999"),
    },
    "HashtreeSpec": {
        "constant": Field("int"),
    },
    "ChunkSpec": {
        "number": Field("int"),
        "size_bytes": Field("int"),
    },
    "DatumSetSpec": {
        "number": Field("int"),
        "size_bytes": Field("int"),
        "per_worker": Field("int"),
    },
    "Egress": {
        "URL": Field("string"),
        "object_storage": Field("ObjectStorageEgress", "2.2.0+"),
        "sql_database": Field("SQLDatabaseEgress", "2.2.0+"),
    },
    "ResourceSpec": {
        "cpu": Field("number"),
        "memory": Field("string"),
        "gpu": Field("GPUSpec"),
        "disk": Field("string"),
    },
    "GPUSpec": {
        "type": Field("string"),
        "number": Field("int"),
    },
    "SchedulingSpec": {
        "node_selector": Field("{string}"),
        "priority_class_name": Field("string"),
    },
    "Toleration": {
        "key": Field("string"),
        "operator": Field("TolerationOperator"),
        "value": Field("string"),
        "effect": Field("TaintEffect"),
        "toleration_seconds": Field("int"),
    },
    "Service": {
        "internal_port": Field("int"),
        "external_port": Field("int"),
        "ip": Field("string"),
        "type": Field("string"),
        "annotations": Field("{string}", "1.9.0 to 1.9.999"),
    },
    "Spout": {
        "overwrite": Field("bool", "1.8.6 to 1.13.999"),
        "service": Field("Service", "1.9.1+"),
        "marker": Field("string", "1.9.12 to 1.13.999"),
    },
    "Metadata": {
        "annotations": Field("{string}"),
        "labels": Field("{string}"),
    },
    "TFJob": {
        "tf_job": Field("string"),
    },
    "Determined": {
        "workspaces": Field("[string]"),
    },
    "Input": {
        "atom": Field("AtomInput", "1.4.6 to 1.8.999"),
        "cross": Field("[Input]"),
        "union": Field("[Input]"),
        "cron": Field("CronInput"),
        "git": Field("GitInput", "1.6.4 to 1.13.999"),
        "pfs": Field("PFSInput"),
        "join": Field("[Input]", "1.9.5+"),
        "group": Field("[Input]", "1.11.5+"),
    },
    "AtomInput": {
        "name": Field("string"),
        "repo": Field("string"),
        "branch": Field("string"),
        "commit": Field("string"),
        "glob": Field("string"),
        "lazy": Field("bool"),
        "from_commit": Field("string", "1.4.6 to 1.6.999"),
        "empty_files": Field("bool", "1.6.8 to 1.8.999"),
    },
    "PFSInput": {
        "name": Field("string"),
        "repo": Field("string"),
        "branch": Field("string"),
        "commit": Field("string"),
        "glob": Field("string"),
        "lazy": Field("bool"),
        "empty_files": Field("bool"),
        "join_on": Field("string", "1.9.5+"),
        "s3": Field("bool", "1.10.0+"),
        "trigger": Field("Trigger", "1.11.4+"),
        "group_by": Field("string", "1.11.5+"),
        "outer_join": Field("bool", "1.11.8+"),
        "repo_type": Field("string", "2.0.0+"),
        "project": Field("string", "2.5.0+"),
        "propagation_spec": Field("PropagationSpec", "2.12.0+"),
        "reference": Field("bool", "2.12.0+"),
    },
    "CronInput": {
        "name": Field("string"),
        "repo": Field("string"),
        "commit": Field("string"),
        "spec": Field("string"),
        "start": Field("time"),
        "overwrite": Field("bool"),
        "project": Field("string", "2.5.0+"),
    },
    "GitInput": {
        "name": Field("string"),
        "url": Field("string"),
        "branch": Field("string"),
        "commit": Field("string"),
    },
    "PipelineInput": {
        "repo": Field("Repo"),
        "branch": Field("string"),
        "glob": Field("string"),
        "lazy": Field("bool"),
        "name": Field("string"),
        "from": Field("Commit"),
        "join_on": Field("string", "1.9.5 to 1.9.10"),
    },
    "Project": {"name": Field("string")},
    "Repo": {"name": Field("string"), "type": Field("string", "2.0.0+"), "project": Field("Project", "2.5.0+")},
    "Commit": {"repo": Field("Repo"), "id": Field("string")},
    "Trigger": {
        "branch": Field("string"),
        "all": Field("bool"),
        "rate_limit_spec": Field("string", "2.6.6+"),
        "cron_spec": Field("string"),
        "size": Field("string"),
        "commits": Field("int"),
    },
    "PropagationSpec": {"never": Field("bool")},
    "ObjectStorageEgress": {"url": Field("string")},
    "SQLDatabaseEgress": {
        "url": Field("string"),
        "file_format": Field("SQLFileFormat"),
        "secret": Field("SQLSecret"),
    },
    "SQLFileFormat": {"type": Field("SQLFormat"), "columns": Field("[string]")},
    "SQLSecret": {"name": Field("string"), "key": Field("string")},
}

INSTEAD: Final = {
    "CreatePipelineRequest.inputs": "write input",
    "CreatePipelineRequest.outputBranch": "write output_branch",
    "CreatePipelineRequest.scaleDownThreshold": "write standby (up to 1.13) or autoscaling (from 1.13 on)",
    "CreatePipelineRequest.scale_down_threshold": "write standby (up to 1.13) or autoscaling (from 1.13 on)",
    "CreatePipelineRequest.resource_spec": "write resource_requests",
    "CreatePipelineRequest.incremental": "remove it: later servers skip datums that have not changed",
    "CreatePipelineRequest.cache_size": "remove it: later servers need no cache",
    "CreatePipelineRequest.enable_stats": "remove it: 2.x servers always keep statistics",
    "CreatePipelineRequest.batch": "remove it: later servers do not know it",
    "CreatePipelineRequest.max_queue_size": "remove it: 2.x servers have no queue in each worker",
    "CreatePipelineRequest.chunk_spec": "write datum_set_spec",
    "CreatePipelineRequest.datum_set_spec": "write chunk_spec on 1.x servers",
    "CreatePipelineRequest.standby": "write autoscaling",
    "CreatePipelineRequest.autoscaling": "write standby on servers before 1.13",
    "CreatePipelineRequest.hashtree_spec": "remove it: 2.x servers have no hash trees",
    "ParallelismSpec.strategy": "remove it: only constant is left",
    "ParallelismSpec.coefficient": "write constant: 2.x servers do not count nodes",
    "Input.atom": "write pfs",
    "Input.git": "put the files into a repo: 2.x servers do not clone",
    "Transform.build": "build the image and name it in transform.image",
    "Service.annotations": "write metadata.annotations (from 1.10 on)",
    "Spout.overwrite": "remove it: in 2.x the program of a spout writes to PFS itself",
    "Spout.marker": "remove it: in 2.x the program of a spout writes to PFS itself",
}
"""What to do about a field that a server does not know, as another one has taken its place."""
ALIASES: Final = {"GitInput": {"URL": "url"}, "CreatePipelineRequest": {"TFJob": "tf_job"}}
"""Spellings beside the name of the field and its lowerCamelCase form."""
