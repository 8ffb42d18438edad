"""Take the pictures in ``docs/images`` anew, in a real Airflow, with headless Chromium.

``python tools/screenshots.py``, with Chromium on the PATH (Debian: ``apt-get install chromium``). It starts Airflow and
the dev server as ``tools/standalone.py --serve`` does, fills in the connection form as a person would, presses Test,
runs ``pachyderm_one_commit``, whose commit ``pachyderm_events`` is watching for, and looks at both. Look at each
picture before you keep it.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from airflow_provider_pachyderm.client import PfsClient  # noqa: E402  (found through the path above)
from airflow_provider_pachyderm.testing.server import DevServer  # noqa: E402
from tools import standalone  # noqa: E402
from tools.airflow_stack import Airflow, Run, free_port, wait_until  # noqa: E402

IMAGES = ROOT / "docs" / "images"
SIZE = (1280, 800)
DAG = "pachyderm_one_commit"
CONSOLE = "https://console.example.com"
# Airflow's own texts, which the buttons are found by.
_FIND = """
(selector, text) => [...document.querySelectorAll(selector)].find(
    (node) => node.offsetParent && (!text || node.textContent.trim() === text || node.ariaLabel === text))
"""


class Browser:
    """A page of Chromium, driven through its DevTools protocol."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._calls = 0

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call the protocol and wait for the answer; events on the way are skipped."""
        self._calls += 1
        self._socket.send(json.dumps({"id": self._calls, "method": method, "params": params}))
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv(timeout=60))
            if message.get("id") == self._calls:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result

    def go(self, url: str) -> None:
        """Open a page."""
        self.call("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        """Evaluate JavaScript and return its value."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def there(self, selector: str, text: str = "") -> bool:
        """Say whether something is on the page and visible."""
        return bool(self.run(f"!!({_FIND})({json.dumps(selector)}, {json.dumps(text)})"))

    def wait(self, selector: str, text: str = "") -> None:
        """Wait for something to appear."""
        wait_until(f"{selector} {text}", lambda: self.there(selector, text), 60)

    def click(self, selector: str, text: str = "") -> None:
        """Press the middle of something, as a mouse does, when it has stopped moving."""
        self.wait(selector, text)
        found = f"({_FIND})({json.dumps(selector)}, {json.dumps(text)})"
        middle = f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({found}.getBoundingClientRect())"
        before, now = None, [0.0, 0.0]
        while before != now:
            self.run(f"{found}.scrollIntoView({{block: 'center'}})")
            before, now = now, self.run(middle)
            time.sleep(0.5)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=now[0], y=now[1], button="left", clickCount=1)

    def type(self, selector: str, text: str) -> None:
        """Fill in a field."""
        self.click(selector)
        self.call("Input.insertText", text=text)

    def resize(self, height: int, width: int = SIZE[0]) -> None:
        """Make the window this high and wide, in pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)

    def shoot(self, name: str, rest: float = 2) -> None:
        """Save what is seen when it has come to rest, which takes so many seconds."""
        time.sleep(rest)
        wait_until("the spinner to stop", lambda: not self.there("[class*=spinner]"), 60)
        self.save(IMAGES / f"{name}.png")
        print(f"    {name}.png", flush=True)

    def save(self, file: Path) -> None:
        """Save what is seen now."""
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium without a window, on one page."""
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}"]
        flags += [f"--remote-debugging-port={port}", f"--window-size={SIZE[0]},{SIZE[1]}", "about:blank"]
        binary = shutil.which("chromium") or sys.exit("Chromium is not on the PATH")
        process = subprocess.Popen([binary, *flags], stderr=subprocess.DEVNULL)
        try:
            address = wait_until("Chromium", lambda: _page(port), 60)
            with connect(address, max_size=None) as socket:
                browser = Browser(socket)
                browser.resize(SIZE[1])
                yield browser
        finally:
            process.terminate()
            process.wait()


def _page(port: int) -> str | None:
    try:
        with urlopen(f"http://127.0.0.1:{port}/json", timeout=5) as reply:
            pages: list[dict[str, str]] = json.load(reply)
    except OSError:
        return None
    return next((page["webSocketDebuggerUrl"] for page in pages if page["type"] == "page"), None)


def connection(browser: Browser, airflow: Airflow, server: DevServer) -> None:
    """Add a connection by its form, save it, and press Test."""
    browser.go(f"{airflow.url}/connections")
    browser.click("button", "Add Connection")
    browser.type("input[name=connection_id]", "pachyderm_default")
    browser.type("input[role=combobox]", "Pachyderm")
    browser.click("[role=option]", "Pachyderm")
    browser.type("textarea[name=description]", "The cluster of the vision team")
    browser.type("input[name=host]", server.host)
    browser.type("input[name=port]", str(server.port))
    browser.click("h2", "Add Connection")  # so that all of the form is in the picture
    browser.shoot("connection-form")
    browser.click("button", "Extra Fields")
    browser.type("input[name=element_console_url]", CONSOLE)
    browser.shoot("connection-extra-fields")
    browser.click("button", "Save")
    wait_until("the form to close", lambda: not browser.there("button", "Save"), 60)
    browser.resize(420)
    browser.click("button", "Test Connection")
    said = "[...document.querySelectorAll('[data-scope=toast]')].some(each => each.innerText.includes('Successful'))"
    wait_until("the answer, at the bottom of the window", lambda: bool(browser.run(said)), 60)
    browser.shoot("connection-test", rest=0.5)
    browser.resize(SIZE[1])


def graph(browser: Browser, airflow: Airflow, folder: Path) -> None:
    """Run a DAG, and look at a task that links to the console."""
    animals = [folder / name for name in ("birds", "cats", "dogs")]
    for animal in animals:
        animal.mkdir()
        (animal / "1.png").write_bytes(animal.name.encode())
    run = Run(airflow, DAG, {"repo": standalone.WATCHED, "folders": [str(animal) for animal in animals]})
    if run.end() != "success":
        raise RuntimeError(f"{DAG}: {run.states()}")
    (shown,) = airflow.get(f"/dags/{DAG}/dagRuns")["dag_runs"]
    browser.go(f"{airflow.url}/dags/{DAG}/runs/{quote(shown['dag_run_id'])}/tasks/finish/details")
    browser.click("button", "Show Graph (Press g)")
    browser.wait("a", "Pachyderm commit")
    browser.shoot("run-graph")


def event(browser: Browser, airflow: Airflow) -> None:
    """Look at the event that the commit of that run was to the DAG which watches the branch."""
    (asset,) = airflow.get("/assets")["assets"]
    browser.go(f"{airflow.url}/assets/{asset['id']}")
    browser.wait("a", standalone.EVENTS)
    for _ in ("event", "payload"):
        browser.click("[class*=folding-collapsed]")
    browser.shoot("asset-event")


def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(exist_ok=True)
    shutil.rmtree(standalone.HOME, ignore_errors=True)
    standalone.HOME.mkdir()
    with (
        standalone.stack(free_port(), standalone.EXAMPLES) as (airflow, server),
        PfsClient(server.host, server.port) as client,
        tempfile.TemporaryDirectory() as folder,
        chromium() as browser,
    ):
        client.create_repo(standalone.WATCHED)
        connection(browser, airflow, server)
        graph(browser, airflow, Path(folder))
        event(browser, airflow)


if __name__ == "__main__":
    main()
