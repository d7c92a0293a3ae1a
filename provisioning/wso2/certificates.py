"""Certificates as WSO2's files hold them: PEM, bare base64, or a JSON list of either."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from provisioning.wso2.reading import Part

BEGIN = "-----BEGIN CERTIFICATE-----"
END = "-----END CERTIFICATE-----"


class NoCertificate(ValueError):
    pass


def pem_of(part: Part) -> str:
    """All certificates in PEM, one after the other. Raises `NoCertificate`."""
    found = [_certificate(text) for text in _texts(part.text)]
    if not found:
        raise NoCertificate("no certificate")
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in found)


def _texts(text: str) -> Iterator[str]:
    if text.startswith("["):
        try:
            held = json.loads(text)
            yield from (str(one["certValue"]) for one in held)
        except (ValueError, TypeError, KeyError) as error:
            raise NoCertificate("a list that cannot be read") from error
    elif BEGIN in text:
        yield from (f"{BEGIN}{one}" for one in text.split(BEGIN)[1:])
    else:
        yield text


def _certificate(text: str) -> x509.Certificate:
    inner = text.replace(BEGIN, "").partition(END)[0]
    try:
        data = base64.b64decode("".join(inner.split()), validate=True)
        if data.startswith(BEGIN.encode()):  # PEM in base64, as its database holds it
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except (binascii.Error, ValueError) as error:
        raise NoCertificate("no certificate in PEM") from error
