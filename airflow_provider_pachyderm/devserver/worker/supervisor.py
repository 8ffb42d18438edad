"""Runs one command, and ends it and all that it started: ``python supervisor.py FILE [PIPE]``.

A program of its own, on little of the standard library, as it is started for every datum. FILE is JSON:

===========  ==============================================================================================
``command``  program and arguments
``env``      its variables
``cwd``      where it begins
``stdin``    a file that it reads
``user``     whom it runs as, if this is root
``mounts``   it has a root of its own, in a mount namespace
``binds``    ``[source, target]`` of folders that it has elsewhere, then; the target may be missing if that is right
             below the root
``root``     an empty folder on which a root is built, then
===========  ==============================================================================================

Standard input is a pipe: when it is closed, because the server wants it or is gone, everything is killed. It ends as
the command did: with its code, or by the signal. The pipe PIPE is closed when the command begins.

It is two processes. The inner one starts the command and waits; the outer one waits for it and kills what it leaves if
it was killed itself, as by a system that has no memory left.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import select
import signal
import sys
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_NEW_NAMESPACE = 0x00020000  # CLONE_NEWNS
_NEW_USERS = 0x10000000  # CLONE_NEWUSER
_BIND, _RECURSIVE, _PRIVATE = 4096, 16384, 1 << 18  # MS_BIND, MS_REC, MS_PRIVATE
_SUBREAPER, _DIE_WITH_PARENT = 36, 1  # PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG

NOT_STARTED = 127
"""What it ends with when the command could not be started, as a shell does."""


def main() -> NoReturn:
    """Run what the file says."""
    name, *begins = sys.argv[1:]
    for pipe in map(int, begins):
        os.set_inheritable(pipe, False)
    with open(name, "rb") as file:
        job = json.load(file)
    # what others leave behind becomes a child of this process
    _control(_SUBREAPER, 1)
    inner = os.fork()
    if not inner:
        _end_as(_run(job, begins))
    for pipe in map(int, begins):
        os.close(pipe)
    _, status = os.waitpid(inner, 0)
    _kill_children()
    _end_as(status)


def _end_as(status: int) -> NoReturn:
    """End as another process did."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.waitstatus_to_exitcode(status))


def _run(job: dict[str, Any], begins: list[str]) -> int:
    """Run the command, and end all that it started; its status."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    _control(_SUBREAPER, 1)
    child = os.fork()
    if not child:
        try:
            _become(job)
        except OSError as error:
            about = f": {error.filename}" if error.filename else ""
            os.write(2, f"cannot start {job['command'][0]}: {error.strerror}{about}\n".encode())
        except Exception as error:
            os.write(2, f"cannot start {job['command'][0]}: {error!r}\n".encode())
        finally:
            os._exit(NOT_STARTED)
    for pipe in map(int, begins):
        os.close(pipe)
    return _watch(child, woken)


def _watch(child: int, woken: int) -> int:
    """Wait for the child; its status, when nothing that it started is left."""
    status = None
    while status is None:
        ready, _, _ = select.select([0, woken], [], [])
        if 0 in ready and not os.read(0, 1):
            _kill(child)
            _, status = os.waitpid(child, 0)
        elif woken in ready:
            os.read(woken, 512)
            status = _reaped(child)
    _kill(child)
    _kill_children()
    return status


def _kill_children() -> None:
    """Kill all children, and those that become children by that."""
    with suppress(ChildProcessError):
        while True:
            for one in _children():
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            os.wait()


def _reaped(child: int) -> int | None:
    """The status of the child if it has ended; others that ended are taken away."""
    with suppress(ChildProcessError):
        while True:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended == child:
                return status
            if not ended:
                break
    return None


def _kill(child: int) -> None:
    """Kill the child and its group; it has none yet if it was not on the processor since it was made."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)


def _children() -> list[int]:
    """Children of this process, where the system tells them."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(number) for number in file.read().split()]
    except OSError:
        return []


def _become(job: dict[str, Any]) -> None:
    """Become the command."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.dup2(os.open(job["stdin"], os.O_RDONLY), 0)
    if job["mounts"]:
        _isolate(job)
    _change_user(job["user"])
    # a new user forgets it
    _control(_DIE_WITH_PARENT, signal.SIGKILL)
    os.chdir(job["cwd"])
    _execute(job["command"], job["env"])


def _execute(command: list[str], env: dict[str, str]) -> None:
    """Become a program, that is looked for as a shell does it.

    Nothing is imported here: this user may not be allowed to read it.
    """
    folders = [""] if "/" in command[0] else [f"{folder}/" for folder in env.get("PATH", os.defpath).split(os.pathsep)]
    found = OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    for folder in folders:
        try:
            os.execve(f"{folder}{command[0]}", command, env)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR):
                found = OSError(error.errno, error.strerror)
    raise found


def _isolate(job: dict[str, Any]) -> None:
    """Have folders that nobody else sees."""
    user, group = os.getuid(), os.getgid()
    if user != 0 or not _libc("unshare", _NEW_NAMESPACE, must=False):
        _libc("unshare", _NEW_NAMESPACE | _NEW_USERS)
        for name, text in ("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1"):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    _mount("none", "/", _RECURSIVE | _PRIVATE)
    root = job["root"]
    # /tmp will not be seen any more
    binds = [(os.open(source, os.O_PATH), f"{root}{target}") for source, target in job["binds"]]
    _build(root)
    for opened, target in binds:
        with suppress(FileExistsError):
            os.makedirs(target)
        _mount(f"/proc/self/fd/{opened}", target, _BIND | _RECURSIVE)
        os.close(opened)
    os.chroot(root)


def _build(root: str) -> None:
    """A root with all that the real one has, and more."""
    _mount("tmpfs", root, 0, "tmpfs")
    for entry in os.scandir("/"):
        target = f"{root}/{entry.name}"
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), target)
        elif entry.is_dir():
            os.mkdir(target)
            _mount(entry.path, target, _BIND | _RECURSIVE)


def _change_user(name: str) -> None:
    """Become a user of this machine, which only root can."""
    if not name or os.getuid() != 0:
        return
    import pwd

    with suppress(KeyError):
        found = pwd.getpwuid(int(name)) if name.isdecimal() else pwd.getpwnam(name)
        os.initgroups(found.pw_name, found.pw_gid)
        os.setgid(found.pw_gid)
        os.setuid(found.pw_uid)


def _control(option: int, value: int) -> None:
    if sys.platform == "linux":
        _libc("prctl", option, value, 0, 0, 0)


def _mount(source: str, target: str, flags: int, kind: str | None = None) -> None:
    encoded = kind and kind.encode()
    _libc("mount", source.encode(), target.encode(), encoded, ctypes.c_ulong(flags), None, about=target)


def _libc(name: str, *arguments: object, must: bool = True, about: str = "") -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) == 0:
        return True
    if must:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}", about)
    return False


if __name__ == "__main__":
    main()
