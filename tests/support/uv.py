"""The installer that `make` has put beside the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.pages import ROOT


def uv(*arguments: str) -> str:
    """Run it in the project's folder; what it prints, of what it did, too."""
    places = [str(Path(sys.executable).parent), str(ROOT / ".venv" / "bin"), os.environ.get("PATH", "")]
    command = shutil.which("uv", path=os.pathsep.join(places))
    assert command, "uv is not installed; `make test` does that"
    result = subprocess.run([command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr
