"""How faithful the dev server is: recordings of real servers replayed against it, one process a version."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from airflow_provider_pachyderm.testing.server import DevServer
from tests.support.recordings import FOLDER, GOLDEN, scenarios
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
    """Replay the recordings of a version against a fresh dev server that plays it."""
    with tempfile.TemporaryDirectory() as data, DevServer(version, Path(data)) as server:
        outcomes = tuple(replay(server.address, scenarios(version, folder)))
    return Result(version, outcomes, departures(version))
