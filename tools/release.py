"""Build what is published, twice, and compare; check its metadata, list what it is made of, and say what is left to do.

Run by ``make release``. ``dist/`` then holds the source distribution, the wheel, and a software bill of materials of
the wheel and all that it requires, in CycloneDX. Nothing is uploaded.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import airflow_provider_pachyderm

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
UV = Path(sys.executable).with_name("uv")
VERSION = airflow_provider_pachyderm.__version__


class NotReady(Exception):
    """What keeps a release from being made."""


def main() -> int:
    """Make ``dist/`` and print what is in it; 1 with the reason where it cannot be made."""
    try:
        files = build()
        run(UV, "tool", "run", "twine", "check", "--strict", *files)
        files.append(bill_of_materials(next(file for file in files if file.suffix == ".whl")))
        steps = list(left_to_do())
    except NotReady as reason:
        print(f"no release: {reason}", file=sys.stderr)
        return 1
    for file in files:
        print(f"{sha256(file.read_bytes()).hexdigest()}  {file.relative_to(ROOT)}  {file.stat().st_size:,} bytes")
    print("\nLeft to do by hand:")
    for step in steps:
        print(f"* {step}")
    return 0


def build() -> list[Path]:
    """Build in two folders and take the first if both have the same bytes."""
    if changed := run("git", "status", "--porcelain"):
        raise NotReady(f"these files are not committed:\n{changed}")
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        built = _built(Path(first))
        again = {file.name: file.read_bytes() for file in _built(Path(second))}
        different = [file.name for file in built if again.get(file.name) != file.read_bytes()]
        if different:
            raise NotReady(f"two builds differ: {', '.join(different)}")
        print(f"built twice, the same bytes: {', '.join(file.name for file in built)}")
        shutil.rmtree(DIST, ignore_errors=True)
        DIST.mkdir()
        return [Path(shutil.copy(file, DIST)) for file in built]


def _built(folder: Path) -> list[Path]:
    committed = run("git", "log", "-1", "--format=%ct")
    # a checkout of its own: files that git does not know are not in a release
    run("git", "worktree", "add", "--quiet", "--detach", folder / "source", "HEAD")
    try:
        run(UV, "build", "--quiet", "--out-dir", folder / "dist", folder / "source", SOURCE_DATE_EPOCH=committed)
    finally:
        run("git", "worktree", "remove", "--force", folder / "source")
    return sorted(file for file in (folder / "dist").iterdir() if file.name.endswith((".whl", ".tar.gz")))


def bill_of_materials(wheel: Path) -> Path:
    """Write a CycloneDX document of the wheel and of what `constraints/` pins for it, in an environment of its own."""
    target = DIST / f"{wheel.name.split('-')[0]}-{VERSION}.cdx.json"
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder, "environment", "bin", "python")
        run(UV, "venv", "--quiet", "--python", sys.executable, python.parent.parent)
        constraints = ROOT / "constraints" / "airflow-3.3.2.txt"
        run(UV, "pip", "install", "--quiet", "--python", python, "--constraint", constraints, wheel)
        made = ("environment", python, "--output-reproducible", "--of", "JSON", "--output-file", target)
        run(UV, "tool", "run", "--from", "cyclonedx-bom", "cyclonedx-py", *made)
    bill = json.loads(target.read_text())
    for component in bill["components"]:
        # where this machine had the wheel is nobody's business
        references = component.get("externalReferences", [])
        component["externalReferences"] = [each for each in references if not each["url"].startswith("file:")]
    target.write_text(json.dumps(bill, indent=2) + "\n")
    return target


def left_to_do() -> Iterable[str]:
    """Say what no program does, and what is not ready for it."""
    if not _says("CHANGELOG.md", rf"## {re.escape(VERSION)} \(\d{{4}}-\d\d-\d\d\)"):
        yield f"give version {VERSION} in CHANGELOG.md its day: `## {VERSION} (YYYY-MM-DD)`"
    if not _says("pyproject.toml", "Documentation = "):
        yield "publish build/docs, and name the place in pyproject.toml as `Documentation`, which Airflow shows"
    if run("git", "tag", "--list", f"v{VERSION}") == "":
        yield f"git tag --annotate v{VERSION}, when .ci/run has passed on this commit"
    yield "upload dist/*.whl and dist/*.tar.gz with `uv publish` or twine; attach the .cdx.json to the release notes"


def _says(file: str, beginning: str) -> bool:
    return re.search(f"^{beginning}", (ROOT / file).read_text(), re.MULTILINE) is not None


def run(*command: str | Path, **settings: str) -> str:
    """Run a program; what it prints."""
    result = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise NotReady(f"{' '.join(map(str, command))}:\n{result.stdout}{result.stderr}")
    return result.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
