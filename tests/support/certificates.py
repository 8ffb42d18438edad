"""Certificates made for a test: an authority, and what it signs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, as PEM."""

    certificate: bytes
    key: bytes

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Put both into files."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_bytes(self.certificate)
        key.write_bytes(self.key)
        return certificate, key


class Authority:
    """Signs certificates that hold for an hour."""

    def __init__(self, name: str = "authority.test") -> None:
        self._name = _named(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        basic = x509.BasicConstraints(ca=True, path_length=None)
        self.certificate = self._sign(self._name, self._key, basic, critical=True)

    def sign(self, name: str) -> Pair:
        """Make a key and a certificate for a host or a user."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._sign(_named(name), key, x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Pair(certificate, pem)

    def _sign(self, name: Any, key: Any, extension: Any, *, critical: bool) -> bytes:
        now = dt.datetime.now(dt.timezone.utc)
        hour = dt.timedelta(hours=1)
        builder: Any = x509.CertificateBuilder(self._name, name, key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - hour)
        builder = builder.not_valid_after(now + hour).add_extension(extension, critical=critical)
        return bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def _named(name: str) -> Any:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
