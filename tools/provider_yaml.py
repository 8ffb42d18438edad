"""Write ``airflow_provider_pachyderm/provider.yaml``, by which Airflow's own tools know a provider, from the same data.

``--check`` writes nothing, and fails where the file differs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

import airflow_provider_pachyderm
from airflow_provider_pachyderm.get_provider_info import get_provider_info
from tools.generated_file import write_or_check

TARGET = Path(airflow_provider_pachyderm.__file__).with_name("provider.yaml")
HEADER = "# Made by tools/provider_yaml.py from get_provider_info.py.\n"
# When this version was begun, 23 November 2026; it moves with the version's number.
SOURCE_DATE_EPOCH = 1795392000


def provider() -> dict[str, Any]:
    """Give what the file says: what Airflow reads at run time, and what its schema asks for besides."""
    return {
        **get_provider_info(),
        "state": "ready",
        "source-date-epoch": SOURCE_DATE_EPOCH,
        "versions": [airflow_provider_pachyderm.__version__],
    }


def render() -> str:
    """Make the file: what stands in it twice is written twice, not once with a pointer to it."""
    apart = json.loads(json.dumps(provider()))
    text: str = yaml.safe_dump(apart, sort_keys=False, width=120)
    return HEADER + text


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the file, or say whether it is what would be written."""
    return write_or_check(TARGET, render(), __doc__, arguments)


if __name__ == "__main__":
    sys.exit(main())
