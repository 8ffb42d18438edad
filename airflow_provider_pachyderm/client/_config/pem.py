"""Certificates and keys as people have them: PEM, base64 of PEM, or a file with either."""

from __future__ import annotations

import base64
import binascii
import os
import re
import ssl
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from airflow_provider_pachyderm.client._errors import InvalidConfig

PemLike: TypeAlias = str | bytes | Path
"""PEM, or base64 of PEM, as text or bytes; or the path of a file with either, as text or Path."""

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----\s(.+?)-----END \1-----", re.DOTALL)
_WORD = re.compile(rb"-----.*?-----|\S+")
_HEADER = re.compile(rb"[\w-]+: .*")
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")
_KEY = "tls_private_key"


def check(name: str, value: PemLike | None) -> None:
    """Check what can be checked without reading a file.

    :param name: of the setting, for error texts.
    :raises InvalidConfig: if it is neither PEM of the right kind nor a path.
    """
    content = _content(name, value)
    if content is not None:
        _check_blocks(name, content)


def load(name: str, value: PemLike) -> bytes:
    """Give the PEM, reading the file if it is in one.

    :param name: of the setting, for error texts.
    :raises InvalidConfig: if it cannot be read, or is not what the setting wants.
    """
    content = _content(name, value)
    if content is None:
        path = Path(os.fsdecode(value))
        try:
            content = _content(name, path.expanduser().read_bytes())
        except (OSError, ValueError, RuntimeError) as error:
            shown = str(path) if name != _KEY or _is_path(value) else "the text is not a path"
            reason = getattr(error, "strerror", None) or type(error).__name__
            # a chained error would show the text again, which may be the key itself, badly pasted
            raise InvalidConfig(f"{name} is neither PEM nor a file: {shown}: {reason}") from None
    assert content is not None
    _check_blocks(name, content)
    if name != _KEY:
        _check_certificates(name, content)
    return content


def _is_path(value: PemLike) -> bool:
    """Say whether this was meant as a path for sure, and is not a key that lost its first line."""
    return isinstance(value, Path) or os.fsdecode(value).startswith(("/", "~", "."))


def default_authorities() -> bytes | None:
    """Give the authorities that this machine trusts, as PEM; None if it has no list, for those that gRPC ships."""
    if os.environ.get("GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"):
        return None
    context = ssl.create_default_context()
    # OpenSSL reads folders of authorities only when it meets a certificate, so it does not tell of them
    for file in _hashed():
        with suppress(OSError):
            context.load_verify_locations(cafile=file)
    trusted = context.get_ca_certs(binary_form=True)
    return "".join(map(ssl.DER_cert_to_PEM_cert, trusted)).encode() or None


def _hashed() -> list[Path]:
    """Find what OpenSSL would read in the folders it is told of: files named by the hash of a certificate's subject."""
    paths = ssl.get_default_verify_paths()
    folders = os.environ.get(paths.openssl_capath_env, paths.openssl_capath).split(os.pathsep)
    return [file for folder in folders if folder for file in Path(folder).glob("*.*") if _HASHED.fullmatch(file.name)]


def _content(name: str, value: PemLike | None) -> bytes | None:
    """Give PEM that is at hand; None for the path of a file."""
    if value is None or isinstance(value, Path):
        return None
    data = value.encode(errors="surrogatepass") if isinstance(value, str) else value
    for candidate in (data, _decoded(data)):
        if b"-----BEGIN " in candidate:
            return _in_lines(candidate)
    if isinstance(value, bytes):
        raise InvalidConfig(f"{name} is neither PEM nor base64 of PEM")
    return None


def _in_lines(content: bytes) -> bytes:
    r"""Put back the ends of lines of which a form of one line has made blanks, or JSON within JSON has made ``\n``."""
    return _BLOCK.sub(
        lambda block: block[0] if b"\n" in block[0] else b"\n".join(_WORD.findall(block[0])) + b"\n",
        content.replace(b"\\n", b"\n"),
    )


def _decoded(data: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _check_blocks(name: str, content: bytes) -> None:
    wanted = "PRIVATE KEY" if name == _KEY else "CERTIFICATE"
    blocks = {label.decode(): body for label, body in _BLOCK.findall(content)}
    if "ENCRYPTED PRIVATE KEY" in blocks or any(b"ENCRYPTED" in body for body in blocks.values()):
        raise InvalidConfig(f"{name} is encrypted: gRPC only takes a key without a passphrase")
    if not any(label.endswith(wanted) for label in blocks):
        there = ", ".join(blocks) or "no complete block"
        raise InvalidConfig(f"{name} is PEM without a {wanted}: it has {there}")
    for label, body in blocks.items():
        if not _decoded(_HEADER.sub(b"", body)):
            raise InvalidConfig(f"{name} is PEM, but its {label} is damaged")


def _check_certificates(name: str, content: bytes) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=content.decode("ascii", "replace"))
    except ssl.SSLError as error:
        raise InvalidConfig(f"{name} is PEM, but its CERTIFICATE is damaged: {error.reason or error}") from error
