"""Write ``airflow_provider_pachyderm/provider.yaml``, by which Airflow's own tools know a provider, from the same data.

``--check`` writes nothing, and fails where the file differs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from airflow_provider_pachyderm import __version__
from airflow_provider_pachyderm.get_provider_info import get_provider_info

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "airflow_provider_pachyderm" / "provider.yaml"
HEADER = "# Made by tools/provider_yaml.py from get_provider_info.py.\n"
# When this version was begun, 23 November 2026; it moves with the version's number.
SOURCE_DATE_EPOCH = 1795392000


def provider() -> dict[str, Any]:
    """Give what the file says: what Airflow reads at run time, and what its schema asks for besides."""
    return {
        **get_provider_info(),
        "state": "ready",
        "source-date-epoch": SOURCE_DATE_EPOCH,
        "versions": [__version__],
    }


def main(arguments: list[str]) -> int:
    """Write the file, or compare."""
    apart = json.loads(
        json.dumps(provider())
    )  # what stands twice is written twice, with no pointer from one to the other
    text = HEADER + yaml.safe_dump(apart, sort_keys=False, width=120)
    if "--check" not in arguments:
        TARGET.write_text(text)
    elif TARGET.read_text() != text:
        print(f"{TARGET.relative_to(ROOT)} is not what tools/provider_yaml.py makes; run `make fix`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
