"""The releases that can be played."""

from __future__ import annotations

from airflow_provider_pachyderm.devserver.releases.rule import numbers

DEFAULT_VERSION = "2.11.6"
RECORDED = (
    "1.4.8", "1.5.3", "1.6.10", "1.7.14", "1.8.8", "1.9.12", "1.10.5", "1.11.9", "1.12.5", "1.13.4",
    "2.0.8", "2.1.9", "2.2.8", "2.3.9", "2.4.6", "2.5.9", "2.6.11", "2.7.8", "2.8.10", "2.9.7",
    "2.10.7", "2.11.6", "2.12.0-rc.3",
)  # fmt: skip
"""Versions that a real server was recorded of, one of each minor version."""

LAST = {
    "1.4": 8, "1.5": 3, "1.6": 10, "1.7": 14, "1.8": 8, "1.9": 12, "1.10": 5, "1.11": 9, "1.12": 5, "1.13": 4,
    "2.0": 8, "2.1": 9, "2.2": 8, "2.3": 9, "2.4": 6, "2.5": 9, "2.6": 11, "2.7": 8, "2.8": 10, "2.9": 7,
    "2.10": 7, "2.11": 6,
}  # fmt: skip
"""The last release of each minor version of which all are played."""
OTHERS = ("2.6.1.2", "2.12.0-rc.1", "2.12.0-rc.3")
"""The rest of what is played."""
PLAYED = tuple(
    sorted((*(f"{minor}.{micro}" for minor, last in LAST.items() for micro in range(last + 1)), *OTHERS), key=numbers)
)
"""Every version that can be played, oldest first."""
INFERRED = tuple(version for version in PLAYED if version not in RECORDED)
"""Versions built from the wire facts and their recorded neighbours."""

REPORTED = {
    "1.7.6": "1.7.5",
    "1.7.7": "1.7.6",
    "1.8.1": "1.8.0",
    "2.6.1.2": "2.6.1",
    **{f"1.11.{micro}": "1.12.0" for micro in range(1, 10)},
}
"""What some releases said they were: the constants in them were not those of their tags."""
