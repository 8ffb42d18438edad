"""Run a real pachctl against the dev server as its own version, command by command, and say what it was asked.

Run by ``make pachctl PACHCTL=/path/of/pachctl``. It has a home of its own, so that nobody's configuration is touched.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from airflow_provider_pachyderm.testing.server import DevServer  # noqa: E402  (found through the path above)
from tests.support.web import Website  # noqa: E402

NO_AUTH = "the auth service is not activated"
ID = "[0-9a-f]{32}"
TOKEN = "root-token"


@dataclass(frozen=True)
class Step:
    """A command of pachctl.

    :param says: a pattern that is in what it prints; its group ``job``, if it has one, is ``{job}`` in later commands.
    :param follows: it prints for ever, and is ended when it has said that.
    :param since: the first version that has it.
    :param until: the first version that has it no more.
    :param fails: whether it has to end with an error.
    """

    command: str
    says: str = ""
    given: str = ""
    since: str = "1.7"
    until: str = "3"
    fails: bool = False
    follows: bool = False

    def fits(self, version: tuple[int, ...]) -> bool:
        """Say whether a pachctl of this version has it."""
        return _numbers(self.since) <= version < _numbers(self.until)


STEPS = (
    Step("version", r"pachd +{version}"),
    Step("inspect cluster", ID, since="2"),
    Step("config get context dev", "127.0.0.1"),
    Step("enterprise get-state", "No Pachyderm Enterprise token was found"),
    # repos
    Step("create repo ours --description words"),
    Step("create repo ours", "already exists", fails=True),
    Step("update repo ours --description others"),
    Step("list repo", "ours.*others"),
    Step("inspect repo ours", "Description: others"),
    Step("inspect repo none", "not found", fails=True),
    # files
    Step("put file -r ours@master:/up -f up"),
    Step("put file ours@master:/hi", given="hello"),
    Step("put file ours@master:/url -f {url}"),
    Step("list file ours@master:/", "/hi[^$]*/up"),
    Step("list file ours@master:/up --raw", '"/up/1"'),
    Step("glob file ours@master:/up/*", "/up/1[^$]*/up/sub"),
    Step("get file ours@master:/hi", "^hello$"),
    Step("get file ours@master:/url", "^a page$"),
    Step("get file -r ours@master:/up -o down"),
    Step("inspect file ours@master:/hi", "Size: 5B"),
    Step("inspect file ours@master:/none", "not found", fails=True),
    Step("copy file ours@master:/up ours@master:/copy"),
    Step("get file ours@master:/copy/sub/2", "^two$"),
    Step("diff file ours@master:/ --name-only", "/copy/1"),
    Step("delete file ours@master:/hi"),
    # commits and branches
    Step("start commit ours@master --description why", ID),
    Step("put file ours@master:/x -f up/1"),
    Step("finish commit ours@master"),
    Step("wait commit ours@master", "Finished: ", since="2"),
    Step("flush commit ours@master", "COMMIT", until="2"),
    Step("find commit ours@master:/hi", ID, since="2.6"),
    Step("list commit ours@master", ID),
    Step("inspect commit ours@master", "Description: why"),
    Step("create branch ours@other --head master"),
    Step("list branch ours", "other"),
    Step("inspect branch ours@other", "ours@" + ID, since="2"),
    Step("delete branch ours@other"),
    Step("fsck", "No errors found", since="1.9"),
    # several steps in one
    Step("start transaction", "started new transaction", since="1.9"),
    Step("create repo theirs", "Added to transaction", since="1.9"),
    Step("list transaction", "[0-9a-f-]{32}", since="1.9"),
    Step("finish transaction", "Completed transaction with 1 requests", since="1.9"),
    Step("create repo theirs", until="1.9"),
    Step("create branch theirs@master -p ours@master"),
    Step("delete repo ours", "cannot|would break", fails=True),
    Step("delete repo theirs"),
    # projects
    Step("create project team", since="2.5"),
    Step("list project", "team", since="2.5"),
    Step("delete project team", since="2.5", given="y\n"),
    # who one is
    Step("auth whoami", "not activated", fails=True),
    Step("auth check repo ours", NO_AUTH, since="2", fails=True),
    Step("auth get repo ours", NO_AUTH, since="2", fails=True),
    Step("auth get ours", "not activated", until="2", fails=True),
    Step("delete repo ours"),
    Step("list repo", "^(?![^$]*ours)"),
)

# on a server that asks who one is
GUARDED = (
    Step("auth whoami", "no authentication token", fails=True),
    Step("auth use-auth-token", given=TOKEN + "\n"),
    Step("auth whoami", 'You are "pach:root"'),
    Step("create repo ours"),
    Step("list repo", "OWNER|repoOwner"),
    Step("auth get-robot-token ci", "Token: ", since="2"),
    Step("auth get-auth-token robot:ci", "Token: ", until="2"),
    Step("auth set repo ours repoReader robot:ci", since="2"),
    Step("auth get repo ours", r"robot:ci: \[repoReader", since="2"),
    Step("auth check repo ours", "repoOwner", since="2"),
    Step("auth set robot:ci reader ours", until="2"),
    Step("auth get ours", "robot:ci: READER", until="2"),
    Step("auth check owner ours", "true", until="2"),
    Step("delete repo ours"),
    Step("auth logout"),
    Step("auth whoami", "no authentication token", fails=True),
)

# on a server that runs pipelines
PIPELINES = (
    Step("create repo in"),
    Step("create pipeline -f one.json"),
    Step("create pipeline -f one.json", "already exists", fails=True),
    Step("put file in@master:/a", given="hello"),
    Step("wait commit one@master", "Finished: ", since="2"),
    Step("flush job in@master", "success", until="2"),
    Step("get file one@master:/a", "^hello"),
    Step("list pipeline", "one +1 .*running"),
    Step("inspect pipeline one", r"Name: one[^$]*echo said"),
    Step("list job --pipeline one", f"(?P<job>{ID}).* 1 \\+ 0 / 1"),
    Step("list job", "{job}"),
    Step("inspect job one@{job}", "Processed: 1", since="2"),
    Step("inspect job {job}", "Processed: 1", until="2"),
    Step("wait job one@{job}", "{job}.*success", since="2"),
    Step("list datum one@{job}", "in@{job}:/a.*success", since="2"),
    Step("list datum {job}", "ID", until="2"),
    Step("list datum -f one.json", "in@{job}:/a", since="2"),
    Step("logs --pipeline one", "(?m)^said$"),
    Step("logs --job one@{job}", "(?m)^said$", since="2"),
    Step("logs --job {job}", "(?m)^said$", until="2"),
    Step("logs --pipeline one --follow", "(?m)^said$", follows=True),
    Step("update pipeline -f more.json"),
    Step("list pipeline", "one +2 "),
    Step("list pipeline one --history all", "one +2 [^$]*one +1 "),
    Step("rerun pipeline one", since="2.11"),
    Step("stop pipeline one"),
    Step("list pipeline", "paused"),
    Step("start pipeline one"),
    Step("list pipeline", "running"),
    Step("stop job one@{job}", since="2"),
    Step("stop job {job}", until="2"),
    Step("restart datum one@{job} /a", "could not be found", since="2", fails=True),
    Step("create pipeline -f clock.json"),
    Step("run cron clock", since="1.9.9"),
    Step("wait commit clock@master", "Finished: ", since="2"),
    Step("draw pipeline", "clock", since="2"),
    Step("create pipeline --jsonnet three.jsonnet --arg name=three", since="2.1"),
    Step("list pipeline", "three", since="2.1"),
    Step("create secret -f secret.json"),
    Step("list secret", "words"),
    Step("inspect secret words", "words"),
    Step("delete secret words"),
    Step("delete job one@{job}", since="2"),
    Step("delete job {job}", until="2"),
    Step("delete pipeline one"),
    Step("delete pipeline --all"),
    Step("list pipeline", "^(?![^$]*(one|clock|three))"),
)

_COPY = "cp ${PACH_PFS:-/pfs}/in/* ${PACH_PFS:-/pfs}/out/"


def _spec(name: str, command: str, input: dict[str, Any]) -> dict[str, Any]:
    return {"pipeline": {"name": name}, "transform": {"cmd": ["sh"], "stdin": [command]}, "input": input}


_FILES = {
    "one.json": _spec("one", f"echo said; {_COPY}", {"pfs": {"repo": "in", "glob": "/*"}}),
    "more.json": _spec("one", f"echo more; {_COPY}", {"pfs": {"repo": "in", "glob": "/*"}}),
    "clock.json": _spec("clock", "true", {"cron": {"name": "tick", "spec": "@every 8760h"}}),
    "secret.json": {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "words"}, "stringData": {"a": "b"}},
}


class Pachctl:
    """A pachctl with a home of its own, whose context is a server.

    :param program: its path.
    """

    def __init__(self, program: Path, home: Path) -> None:
        self._program = program
        self._home = home
        (home / "up" / "sub").mkdir(parents=True)
        (home / "up" / "1").write_text("one\n")
        (home / "up" / "sub" / "2").write_text("two\n")
        for name, content in _FILES.items():
            (home / name).write_text(json.dumps(content))
        three = json.dumps(_spec("", "true", {"pfs": {"repo": "in", "glob": "/"}}) | {"pipeline": 0})
        (home / "three.jsonnet").write_text(f"function(name) {three} + {{pipeline: {{name: name}}}}")

    def connect(self, address: str) -> None:
        """Make a server its context."""
        context = json.dumps({"pachd_address": f"grpc://{address}"})
        for command in ("config set context dev --overwrite", "config set active-context dev"):
            done = self.run(command, context)
            assert done.returncode == 0, done.stdout

    def version(self) -> str:
        """Ask it for its own version."""
        found = re.search(r"[0-9]+(\.[0-9]+){2}", self.run("version --client-only").stdout)
        assert found, f"{self._program} tells no version"
        return found[0]

    def run(self, command: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command; what it prints, on both ways, is ``stdout``."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": 120}
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            self._arguments(command), input=given, cwd=self._home, env=self._environment(), check=False, **streams
        )

    def follow(self, command: str, says: str) -> subprocess.CompletedProcess[str]:
        """Run a command until it has printed what it is to say, at most two minutes; 0 if it has."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(  # type: ignore[call-overload]
            self._arguments(command), cwd=self._home, env=self._environment(), **streams
        ) as running:
            watch = Timer(120, running.kill)
            watch.start()
            lines = []
            for line in running.stdout:
                lines.append(line)
                if re.search(says, "".join(lines)):
                    break
            watch.cancel()
            running.kill()
        return subprocess.CompletedProcess(command, 0, "".join(lines))

    def _arguments(self, command: str) -> list[str]:
        return [str(self._program), *command.split()]

    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PACH")}
        own = {"HOME": str(self._home), "PACH_CONFIG": str(self._home / "config.json"), "PAGER": "cat", "NO_COLOR": "1"}
        return kept | own


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def tried(pachctl: Pachctl, step: Step, words: dict[str, str]) -> str:
    """Do a step; give what is wrong, if anything is."""
    command, says = step.command, step.says
    for name, word in words.items():
        command, says = command.replace(f"{{{name}}}", word), says.replace(f"{{{name}}}", re.escape(word))
    done = pachctl.follow(command, says) if step.follows else pachctl.run(command, step.given)
    said = re.sub(r"\x1b\[[0-9]*m", "", done.stdout)
    if (done.returncode != 0) != step.fails:
        return f"ended with {done.returncode}: {said.strip()}"
    found = re.search(says, said)
    if not found:
        return f"said: {said.strip()}"
    words.update(found.groupdict())
    return ""


def main() -> int:
    """Run all steps that the pachctl has; count those that went wrong."""
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        print("say where a pachctl is: make pachctl PACHCTL=/path/of/pachctl")
        return 2
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        pachctl = Pachctl(Path(sys.argv[1]).resolve(), folder / "home")
        version = pachctl.version()
        words = {"version": version, "url": stack.enter_context(Website()).add("/page", b"a page")}
        results = []
        for name, steps, options in (
            ("open", STEPS, ()),
            ("guarded", GUARDED, ("--auth-token", TOKEN)),
            ("pipelines", PIPELINES if _numbers(version) >= (1, 9) else (), ("--run-pipelines",)),
        ):
            server = stack.enter_context(DevServer(version, folder / name, *options))
            pachctl.connect(server.address)
            results += [shown(pachctl, step, words) for step in steps if step.fits(_numbers(version))]
    print(f"pachctl {version}: {sum(results)} passed, {len(results) - sum(results)} failed")
    return int(not all(results))


def shown(pachctl: Pachctl, step: Step, words: dict[str, str]) -> bool:
    """Do a step, and print whether it went right."""
    problem = tried(pachctl, step, words)
    print(f"{'FAILED' if problem else 'ok':8}{step.command}{problem and ': '}{problem}", flush=True)
    return not problem


if __name__ == "__main__":
    sys.exit(main())
