"""Run other people's Pachyderm clients against the dev server, each in an environment of its own.

Run by ``make peers``. The flows in ``tests/peers`` use nothing but the peer's own calls, which nobody here wrote.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from airflow_provider_pachyderm.testing.server import DevServer  # noqa: E402  (found through the path above)
from tests.support.web import Website  # noqa: E402

ENVIRONMENTS = ROOT / ".venv-peers"
UV = Path(sys.executable).with_name("uv")
GUARDED = ("--auth-token", "secret", "--id-token", "id=jane@example.com")
ROW = "{:<26}{:<10}{:>8}{:>8}"


@dataclass(frozen=True)
class Peer:
    """A client and the servers it is made for."""

    requirements: tuple[str, ...]
    flow: str
    servers: tuple[str, ...]

    @property
    def python(self) -> Path:
        """The interpreter of its environment."""
        return ENVIRONMENTS / self.requirements[0] / "bin" / "python"

    def install(self) -> None:
        """Make its environment, once."""
        if self.python.exists():
            return
        base = sys.executable
        subprocess.run([UV, "venv", "--quiet", "--python", base, self.python.parent.parent], check=True)
        subprocess.run([UV, "pip", "install", "--quiet", "--python", self.python, *self.requirements], check=True)

    def run(self, version: str) -> tuple[int, int]:
        """Run its flow against one version; how many steps passed and failed."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            url = stack.enter_context(Website()).add("/page", b"a page")
            server = stack.enter_context(DevServer(version, folder / "open"))
            guarded = stack.enter_context(DevServer(version, folder / "guarded", *GUARDED))
            flow = str(ROOT / "tests" / "peers" / self.flow)
            command = [str(self.python), "-W", "ignore", flow, server.address, url, version, guarded.address]
            environment = {key: value for key, value in os.environ.items() if not key.startswith("PACH")}
            result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
        words = result.stdout.split()
        if words[1:2] != ["passed,"]:
            return 0, 1
        return int(words[0]), int(words[2])


PEERS = (
    Peer(("python-pachyderm==6.3.3", "protobuf<4"), "python_pachyderm_6.py", ("1.8.8", "1.9.12", "1.11.9", "1.13.4")),
    Peer(
        ("python-pachyderm==7.6.0", "protobuf<4"),
        "python_pachyderm_7.py",
        ("2.0.8", "2.3.9", "2.5.9", "2.8.10", "2.11.6"),
    ),
    Peer(("pachyderm-sdk==2.12.2",), "pachyderm_sdk_2.py", ("2.6.11", "2.8.10", "2.11.6")),
)


def main() -> int:
    print(ROW.format("peer", "server", "passed", "failed"), flush=True)
    total_passed = total_failed = 0
    for peer in PEERS:
        peer.install()
        for version in peer.servers:
            passed, failed = peer.run(version)
            print(ROW.format(peer.requirements[0], version, passed, failed), flush=True)
            total_passed, total_failed = total_passed + passed, total_failed + failed
    print(f"{total_passed} passed, {total_failed} failed")
    return int(total_failed > 0)


if __name__ == "__main__":
    sys.exit(main())
