"""Time from a file and ids from a seed, and the command line that asks for them."""

from __future__ import annotations

import subprocess
import sys
import uuid
from itertools import islice
from pathlib import Path

import pytest

from airflow_provider_pachyderm.devserver.engine.clock import file_clock
from airflow_provider_pachyderm.devserver.engine.ids import seeded_ids


def test_a_seed_gives_the_same_ids_again() -> None:
    def ids(seed: str) -> list[str]:
        return list(islice(iter(seeded_ids(seed), ""), 3))

    assert ids("one") == ids("one")
    assert not {*ids("one")} & {*ids("two")}
    assert [uuid.UUID(id).version for id in ids("one")] == [4, 4, 4]


def test_the_clock_is_what_stands_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("1970-01-01T00:00:01+00:00\n")
    clock = file_clock(file)
    assert clock() == 1_000_000_000
    file.write_text("1970-01-01T02:00:00.000001+02:00")
    assert clock() == 1_000


@pytest.mark.parametrize("text", ["", "noon", "2024-05-01T12:00:00"])
def test_what_is_no_time_is_refused_at_the_start(text: str, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"iso|offset"):
        file_clock(file)
    assert "no time such as" in refused("--clock", str(file), status=2)


def test_a_clock_must_be_there(tmp_path: Path) -> None:
    assert "no time such as" in refused("--clock", str(tmp_path / "missing"), status=2)


def test_a_seed_wants_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "something").touch()
    assert "give an empty folder" in refused("--id-seed", "one", "--data", str(tmp_path), status=1)


def refused(*arguments: str, status: int) -> str:
    command = [sys.executable, "-m", "airflow_provider_pachyderm.devserver", "--port", "0", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert result.returncode == status
    assert "Traceback" not in result.stderr
    return result.stderr
