"""The key with which we sign requests to an identity provider, in PEM with its certificate.

One is made for each authenticator that signs and was given none. Nobody checks a certificate
of ours but by comparing it: it is self-signed, and long-lived.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.utils import timezone

BITS = 2048
YEARS = 10


class KeyRefused(Exception):
    """A sentence that goes on after the name of the field."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


def made() -> str:
    return with_certificate(rsa.generate_private_key(public_exponent=65537, key_size=BITS))


def completed(pem: str) -> str:
    """With a certificate, where it has none. Raises `KeyRefused`."""
    if "-----BEGIN CERTIFICATE-----" in pem:
        read(pem)
        return pem
    return with_certificate(_private_key(pem))


def read(pem: str) -> SigningKey:
    """Raises `KeyRefused`."""
    key = _private_key(pem)
    try:
        certificate = x509.load_pem_x509_certificates(pem.encode())[0]
        matches = certificate.public_key() == key.public_key()
    except ValueError as error:
        raise KeyRefused("has a certificate that cannot be read") from error
    if not matches:
        raise KeyRefused("has a certificate of another key")
    return SigningKey(key, certificate)


def _private_key(pem: str) -> rsa.RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), None)
    except TypeError as error:
        raise KeyRefused("has a password: take it off") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyRefused("must hold a private key in PEM") from error
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < BITS:
        raise KeyRefused(f"must be an RSA key of at least {BITS} bits")
    return key


def with_certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Purveyor")])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (private + certificate.public_bytes(Encoding.PEM)).decode()
