"""Clients of the SOAP door: zeep, and raw messages for what no client would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import zeep
from django.test import Client
from lxml import etree
from zeep.exceptions import Fault
from zeep.plugins import Plugin

V1 = "RemoteUserStoreManagerService"
V2 = "RemoteUserStoreManagerServiceV2"
SERVICE_NS = "http://service.ws.um.carbon.wso2.org"
CLAIM_VALUE_NS = "http://common.mgt.user.carbon.wso2.org/xsd"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
MEDIA = {SOAP11: "text/xml", SOAP12: "application/soap+xml"}
HOST = "http://testserver"


class ThroughDjango(zeep.Transport):
    """Carries zeep's requests through Django's test client; the last answer is kept."""

    def __init__(self, http: Client, credentials: dict[str, str]) -> None:
        super().__init__()
        self.http = http
        self.credentials = credentials
        self.last: Any = None

    def load(self, url: str) -> bytes:
        if not url.startswith(HOST):
            return bytes(super().load(url))
        return bytes(self.http.get(url.removeprefix(HOST)).content)

    def post(self, address: str, message: Any, headers: dict[str, str]) -> requests.Response:
        given = {k: v for k, v in headers.items() if k.lower() != "content-type"}
        self.last = self.http.post(
            urlsplit(address).path,
            data=message,
            content_type=headers["Content-Type"],
            headers={**self.credentials, **given},
        )
        return answered(self.last)


def answered(response: Any) -> requests.Response:
    """Django's answer as requests has it."""
    made = requests.Response()
    made.status_code = response.status_code
    made._content = response.content
    made.headers.update(response.headers)
    return made


@dataclass
class Zeep:
    """An independent client: what a WSDL says, and the service at an address."""

    http: Client
    credentials: dict[str, str]
    name: str = V2
    soap: str = "Soap11"
    wsdl: str = ""
    base: str = ""
    plugins: list[Plugin] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.transport = ThroughDjango(self.http, self.credentials)
        address = f"{HOST}{self.base}/services/{self.name}"
        self.client = zeep.Client(
            self.wsdl or f"{address}?wsdl", transport=self.transport, plugins=self.plugins
        )
        if self.wsdl:
            binding = f"{{{SERVICE_NS}}}{self.name}{self.soap}Binding"
            self.service = self.client.create_service(binding, address)
        else:
            self.service = self.client.bind(self.name, f"{self.name}Https{self.soap}Endpoint")

    def __call__(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        return getattr(self.service, operation)(*args, **kwargs)

    def fault(self, operation: str, *args: Any, **kwargs: Any) -> Fault:
        """The fault that it is answered with."""
        try:
            said = self(operation, *args, **kwargs)
        except Fault as fault:
            return fault
        raise AssertionError(f"{operation} was answered: {said!r}")

    @property
    def outcome(self) -> str:
        return str(self.transport.last.headers.get("Provisioning-Outcome", ""))


@dataclass
class Told:
    """An answer, as it stands on the wire."""

    status: int
    headers: dict[str, str]
    root: Any

    @property
    def fault(self) -> str:
        """The reason of a fault; empty for an answer."""
        found = [*self.found("faultstring"), *self.found("Text")]
        return found[0] if found else ""

    @property
    def code(self) -> str:
        return [*self.found("faultcode"), *self.found("Value")][0].partition(":")[2]

    def found(self, name: str) -> list[str]:
        """The texts of all elements of that local name."""
        if self.root is None:
            return []
        return [
            one.text or ""
            for one in self.root.iter()
            if isinstance(one.tag, str) and etree.QName(one).localname == name
        ]


@dataclass
class Raw:
    """Messages written by hand."""

    http: Client
    credentials: dict[str, str]
    name: str = V2
    base: str = ""
    soap: str = SOAP11

    def __call__(self, body: str, header: str = "", **headers: str) -> Told:
        envelope = (
            f'<e:Envelope xmlns:e="{self.soap}" xmlns:s="{SERVICE_NS}"'
            f' xmlns:x="{CLAIM_VALUE_NS}">{header}<e:Body>{body}</e:Body></e:Envelope>'
        )
        return self.send(envelope.encode(), **headers)

    def send(self, raw: bytes, content_type: str = "", **headers: str) -> Told:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.http.generic(
            "POST",
            f"{self.base}/services/{self.name}",
            data=raw,
            content_type=content_type or f"{MEDIA[self.soap]}; charset=utf-8",
            headers={**self.credentials, **given},
        )
        content = response.content
        root = etree.fromstring(content) if content else None
        return Told(response.status_code, dict(response.headers), root)
