"""How faithful the dev server is: recordings of real servers replayed against it, one process a version.

Recordings of pipelines have a process each, so that no job waits for those of another one.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.recordings import FOLDER, GOLDEN, is_of_pipelines, scenarios
from tests.support.replay import Outcome, replay


@dataclass(frozen=True)
class Result:
    """How the replay of one version went.

    :param deliberate: steps in which the dev server differs on purpose, with the reason.
    """

    version: str
    outcomes: tuple[Outcome, ...]
    deliberate: dict[str, str]

    @property
    def steps(self) -> int:
        """How many steps were made."""
        return len(self.outcomes)

    @property
    def different(self) -> list[Outcome]:
        """Steps that differ and should not."""
        return [one for one in self.outcomes if one.differences and one.key not in self.deliberate]

    @property
    def departed(self) -> list[Outcome]:
        """Steps that differ on purpose."""
        return [one for one in self.outcomes if one.differences and one.key in self.deliberate]

    @property
    def matched(self) -> int:
        """Steps without a difference."""
        return self.steps - len(self.different) - len(self.departed)


def departures(version: str) -> dict[str, str]:
    """Steps (``scenario/index``) that the dev server answers otherwise on purpose, and why."""
    known: dict[str, dict[str, str]] = json.loads((GOLDEN / "departures.json").read_text())
    return known.get(version, {})


def measure(version: str, folder: Path = FOLDER) -> Result:
    """Replay the recordings of a version, but those of pipelines, against a fresh dev server that plays it."""
    return _measure(version, [each for each in scenarios(version, folder) if not is_of_pipelines(each)])


def measure_pipeline(version: str, scenario: dict[str, Any], *, worker: bool = True) -> Result:
    """Replay a recording of pipelines against a dev server of its own.

    It does one datum at a time, as the workers did that were recorded: what one leaves in ``/tmp`` the next one finds.

    :param worker: whether the server does jobs; recordings without a job do not need it.
    """
    return _measure(version, [scenario], *(("--run-pipelines", "--jobs", "1") if worker else ()))


def _measure(version: str, wanted: Sequence[dict[str, Any]], *options: str) -> Result:
    deliberate = departures(version)
    with tempfile.TemporaryDirectory() as data, DevServer(version, Path(data), *options) as server:
        outcomes = tuple(replay(server.address, wanted, deliberate))
    return Result(version, outcomes, deliberate)
