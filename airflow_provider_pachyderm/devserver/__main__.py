"""Command line of the dev server: ``python -m airflow_provider_pachyderm.devserver`` or ``pachyderm-devserver``."""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import os
import shlex
import signal
import ssl
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # gRPC writes lines of its own beside our errors; it reads this once

import grpc

from airflow_provider_pachyderm.devserver.app import serve
from airflow_provider_pachyderm.devserver.engine import DATABASE, DataFolderError
from airflow_provider_pachyderm.devserver.engine.clock import Clock, file_clock
from airflow_provider_pachyderm.devserver.engine.ids import random_id, seeded_ids
from airflow_provider_pachyderm.devserver.engine.store.collector import check
from airflow_provider_pachyderm.devserver.faults import Faults
from airflow_provider_pachyderm.devserver.logs import log_to_stderr
from airflow_provider_pachyderm.devserver.releases.played import DEFAULT_VERSION, PLAYED, RECORDED
from airflow_provider_pachyderm.devserver.releases.profile import Profile, UnknownVersion, profile_for
from airflow_provider_pachyderm.devserver.url_limits import UrlLimits

_NAME = "pachyderm-devserver"

DEFAULT_PORT = 30650
"""Where Pachyderm's clients look by default."""

_M_ARENA_MAX = -8  # of malloc.h


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT.

    :param arguments: the command line without the program's name; the process's own by default.
    :returns: exit status; 1 if the server could not start.
    """
    given = [*(sys.argv[1:] if arguments is None else arguments)]
    if given[:1] == ["check"]:
        return _check(given[1:])
    parser = _parser()
    options = parser.parse_args(given)
    if options.list_versions:
        print(_versions())
        return 0
    log_to_stderr(options.verbose)
    try:
        profile = profile_for(options.version)
    except UnknownVersion as error:
        parser.error(str(error))
    if problem := _problem(profile, options):
        parser.error(problem)
    _warn(options)
    _share_one_arena()
    return _run(profile, options)


def _share_one_arena() -> None:
    """Let all threads take memory from one place, where the C library is glibc.

    It gives each thread a place of its own, and what messages of 19 MiB leave behind in each is not given back.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_NAME,
        description="A Pachyderm-compatible server, of files and pipelines, for demos, tests and laptops.",
        epilog=(
            "Prints 'ready HOST:PORT' or 'ready unix:PATH' once it accepts calls. Stop it with SIGTERM or SIGINT. "
            "'pachyderm-devserver check --data DIR' verifies the contents of a data folder."
        ),
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--insecure", action="store_true", help=("allow a --host other than loopback without --auth-token")
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help=("port to listen on; 0 chooses a free one (default: %(default)s)"),
    )
    parser.add_argument("--socket", type=Path, metavar="PATH", help="listen on this Unix socket instead of a port")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help=("folder to keep data in; without it, data are deleted when the server stops"),
    )
    parser.add_argument("--version", default=DEFAULT_VERSION, help=("Pachyderm version to play (default: %(default)s)"))
    parser.add_argument("--list-versions", action="store_true", help=("list the versions that can be played, and exit"))
    parser.add_argument(
        "--no-fsync",
        action="store_true",
        help="do not wait for the disk: faster, but a crash of the machine (not of the server) may lose data",
    )
    parser.add_argument(
        "--until-eof",
        action="store_true",
        help=("stop when standard input is closed, for instance because the parent process ended"),
    )
    parser.add_argument(
        "--clock", type=_clock, metavar="FILE", default=time.time_ns, help=("read the current time from this file")
    )
    parser.add_argument(
        "--id-seed", metavar="TEXT", help=("generate the same IDs for the same calls; needs an empty data folder")
    )
    pipelines = parser.add_argument_group(
        "pipelines",
        "Without --run-pipelines, jobs wait for whoever does them. With it, anyone who may create pipelines here runs "
        "commands as the user of this server; so it needs a loopback address, a --socket, or an --auth-token.",
    )
    pipelines.add_argument(
        "--run-pipelines", action="store_true", help="run the commands of pipelines on this machine, without containers"
    )
    pipelines.add_argument(
        "--jobs", type=_count, default=1, metavar="N", help="datums that run at once (default: %(default)d)"
    )
    pipelines.add_argument(
        "--pipeline-command",
        type=shlex.split,
        default=(),
        metavar="COMMAND",
        help="run this in place of each pipeline's command, for tests; PACH_PFS names the folder of the datum",
    )
    limits, default = parser.add_argument_group("limits for fetching URLs"), UrlLimits()
    limits.add_argument(
        "--url-max-seconds",
        type=_positive,
        default=default.seconds,
        metavar="S",
        help="longest time for one URL, in seconds (default: %(default)g)",
    )
    limits.add_argument(
        "--url-max-silence",
        type=_positive,
        default=default.silence,
        metavar="S",
        help=("longest time without data, in seconds (default: %(default)g)"),
    )
    limits.add_argument(
        "--url-max-bytes",
        type=_positive,
        default=default.bytes,
        metavar="N",
        help=("largest content, in bytes (default: %(default)d)"),
    )
    access = parser.add_argument_group(
        "authentication and TLS", ("Without these options anyone may make calls, and nothing is encrypted.")
    )
    access.add_argument(
        "--auth-token",
        type=_token,
        metavar="TOKEN",
        help="token of the administrator; turns authentication on, so that all calls need a token",
    )
    access.add_argument(
        "--id-token",
        type=_id_token,
        action="append",
        default=[],
        metavar="TOKEN=USER",
        help=(
            "ID token of a user, as from an identity provider; may be given several times. OIDC logins are those of "
            "the first user"
        ),
    )
    access.add_argument(
        "--tls-cert", type=Path, metavar="FILE", help=("PEM file with the certificate of the server and its chain")
    )
    access.add_argument(
        "--tls-key", type=Path, metavar="FILE", help=("PEM file with the private key of the certificate")
    )
    access.add_argument(
        "--tls-client-ca",
        type=Path,
        metavar="FILE",
        help=("PEM file of a CA: require clients to have a certificate signed by it"),
    )
    parser.add_argument("--verbose", action="store_true", help="log each call with its caller, subject and result")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port, which is a number between 0 and 65535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} must be a number above 0")
    return number


def _token(text: str) -> str:
    # an empty one would let nobody in, and headers take no others
    if not (text and text.isascii() and text.isprintable()):
        raise argparse.ArgumentTypeError("a token must consist of printable ASCII characters")
    return text


def _id_token(text: str) -> tuple[str, str]:
    token, separator, user = text.rpartition("=")
    if not (token and separator and user):
        raise argparse.ArgumentTypeError("write TOKEN=USER")  # without the text, which is a secret
    return token, user


def _clock(text: str) -> Clock:
    try:
        return file_clock(Path(text))
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"no time such as 2024-05-01T12:00:00+00:00 in {text}: {error}") from error


def _problem(profile: Profile, options: argparse.Namespace) -> str | None:
    """Name the options that contradict each other or the version."""
    if options.auth_token and "auth.API" in profile.lacks:
        return f"Pachyderm {profile.version} has no authentication: --auth-token needs 1.5.1 or later"
    if not (options.auth_token or options.insecure or options.socket or _is_loopback(options.host)):
        return (
            f"--host {options.host} can be reached from other machines, and anyone there could read, change and "
            "delete everything, and make this machine fetch URLs: give an --auth-token, or --insecure to allow this"
        )
    if options.run_pipelines and not (options.auth_token or options.socket or _is_loopback(options.host)):
        return (
            f"--host {options.host} can be reached from other machines, and with --run-pipelines anyone there could "
            "run commands here: give an --auth-token"
        )
    if options.pipeline_command and not options.run_pipelines:
        return "--pipeline-command needs --run-pipelines"
    if options.id_token and not options.auth_token:
        return "--id-token needs --auth-token"
    if bool(options.tls_cert) != bool(options.tls_key):
        return "--tls-cert and --tls-key must be given together"
    if options.tls_client_ca and not options.tls_cert:
        return "--tls-client-ca needs --tls-cert and --tls-key"
    return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _warn(options: argparse.Namespace) -> None:
    """Say what listening beyond loopback, and running commands, means."""
    if options.run_pipelines:
        print(
            f"{_NAME}: warning: whoever may create pipelines here runs commands as the user of this server",
            file=sys.stderr,
        )
    if options.socket or _is_loopback(options.host):
        return
    if not options.auth_token:
        print(
            f"{_NAME}: warning: anyone who can reach {options.host} can read, change and delete everything",
            file=sys.stderr,
        )
    elif not options.tls_cert:
        print(f"{_NAME}: warning: without --tls-cert, tokens and data are sent unencrypted", file=sys.stderr)


def _credentials(options: argparse.Namespace) -> grpc.ServerCredentials | None:
    if not options.tls_cert:
        return None
    authorities = options.tls_client_ca and options.tls_client_ca.read_bytes()
    pair = (options.tls_key.read_bytes(), options.tls_cert.read_bytes())
    # gRPC would only say that it cannot listen
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.tls_cert, options.tls_key, password="")
    if authorities is not None:
        context.load_verify_locations(options.tls_client_ca)
    return grpc.ssl_server_credentials([pair], authorities, require_client_auth=authorities is not None)


def _versions() -> str:
    """One version a line, oldest first: recorded ones are tested against recordings of a real server."""
    width = max(map(len, PLAYED))
    kinds = ("recorded" if version in RECORDED else "inferred" for version in PLAYED)
    return "\n".join(f"{version:{width}} {kind}" for version, kind in zip(PLAYED, kinds, strict=True))


def _run(profile: Profile, options: argparse.Namespace) -> int:
    data: Path | None = options.data
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pachyderm-devserver-")))
        try:
            credentials = _credentials(options)
        except ssl.SSLError as error:
            return _fail(f"--tls-cert, --tls-key and --tls-client-ca cannot be used: {error}")
        except OSError as error:
            return _fail(f"cannot read {error.filename}: {error.strerror}")
        try:
            data.mkdir(parents=True, exist_ok=True)
            if options.id_seed is not None and any(data.iterdir()):
                return _fail(f"--id-seed would generate the IDs in {data} again: give an empty folder")
            asyncio.run(_serve(profile, options, data, credentials))
        except DataFolderError as error:
            return _fail(str(error))
        except OSError as error:
            return _fail(f"cannot use {data}: {error}")
        except RuntimeError as error:
            if "bind" not in str(error):
                raise
            if options.socket:
                return _fail(
                    f"cannot listen on {options.socket}: its folder does not exist or is not writable, or the path is "
                    "too long"
                )
            address = f"{options.host}:{options.port}"
            return _fail(f"cannot listen on {address}: the port is in use, or this machine does not have the address")
    return 0


async def _serve(
    profile: Profile, options: argparse.Namespace, data: Path, credentials: grpc.ServerCredentials | None
) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if options.until_eof:
        # whatever ends the parent, SIGKILL too, closes its end of the pipe
        Thread(target=_until_eof, args=(loop, stopped), daemon=True).start()
    new_id = random_id if options.id_seed is None else seeded_ids(options.id_seed)
    async with serve(
        profile,
        f"unix:{options.socket.absolute()}" if options.socket else options.host,
        options.port,
        data,
        interceptors=[Faults()],
        clock=options.clock,
        new_id=new_id,
        root_token=options.auth_token,
        id_tokens=dict(options.id_token),
        credentials=credentials,
        url_limits=UrlLimits(options.url_max_silence, options.url_max_seconds, int(options.url_max_bytes)),
        durable=not options.no_fsync,
        run_pipelines=options.jobs if options.run_pipelines else 0,
        pipeline_command=options.pipeline_command,
    ) as running:
        print(f"ready {running.address}", flush=True)
        await stopped.wait()


def _until_eof(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(stopped.set)


def _check(arguments: Sequence[str]) -> int:
    """Read everything in a data folder, and name each file whose content is not what was stored."""
    parser = argparse.ArgumentParser(prog=f"{_NAME} check", description="Verify the contents of a data folder.")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help=("the data folder; no server may be using it")
    )
    folder: Path = parser.parse_args(arguments).data
    if not (folder / DATABASE).exists():
        return _fail(f"{folder} is not a data folder: it has no {DATABASE}")
    try:
        checked, damaged = asyncio.run(check(folder))
    except DataFolderError as error:
        return _fail(str(error))
    for path, problem in damaged:
        print(f"{path}: {problem}")
    print(f"{checked} contents checked, {len(damaged)} damaged")
    return int(bool(damaged))


def _fail(text: str) -> int:
    print(f"{_NAME}: {text}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
