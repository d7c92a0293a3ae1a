"""An identity provider made with pysaml2 and xmlsec1, which know nothing of us."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from html import escape
from pathlib import Path
from typing import Any

from connectors.testing import FakeServer, Reply, Request
from tests.fakes.saml.documents import posted, xmlsec1
from tests.fakes.saml.keys import Pair, pair

PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


with warnings.catch_warnings():
    # What it imports is deprecated in what it imports it from.
    warnings.simplefilter("ignore")
    from saml2 import BINDING_HTTP_REDIRECT
    from saml2.config import IdPConfig
    from saml2.metadata import entity_descriptor
    from saml2.saml import NameID
    from saml2.server import Server


class SamlProvider(FakeServer):
    """Signs in whoever is `present`, with `attributes`, at any service provider that it has
    been told of. `signing` says which parts of an answer it signs."""

    def __init__(self, key: Pair | None = None) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="idp-"))
        self.key = key or pair()
        self.present = "kim"
        self.format = PERSISTENT
        self.attributes: dict[str, Any] = {}
        self.signing = {"sign_assertion": True, "sign_response": False}
        self._known: list[str] = []

    def __exit__(self, *args: Any) -> None:
        super().__exit__(*args)
        shutil.rmtree(self.folder)

    @property
    def entity_id(self) -> str:
        return f"{self.url}/metadata"

    @property
    def metadata(self) -> str:
        return str(entity_descriptor(self._config()))

    def know(self, metadata: str) -> None:
        """Take in the metadata of a service provider."""
        self._known = [metadata]

    def form_for(self, query: dict[str, str]) -> tuple[str, dict[str, str]]:
        """Where to, and the fields of, the form that brings the answer to a request.

        The request must be signed with the key of the service provider's metadata.
        """
        server = Server(config=self._config())
        asked = server.parse_authn_request(
            query["SAMLRequest"],
            BINDING_HTTP_REDIRECT,
            relay_state=query["RelayState"],
            sigalg=query.get("SigAlg"),
            signature=query.get("Signature"),
        )
        told = server.response_args(asked.message)
        response = server.create_authn_response(
            self.attributes,
            in_response_to=told["in_response_to"],
            destination=told["destination"],
            sp_entity_id=told["sp_entity_id"],
            name_id=NameID(format=self.format, text=self.present),
            authn={"class_ref": PASSWORD},
            sign_alg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            digest_alg="http://www.w3.org/2001/04/xmlenc#sha256",
            **self.signing,
        )
        return told["destination"], {
            "SAMLResponse": posted(str(response)),
            "RelayState": query["RelayState"],
        }

    def respond(self, request: Request) -> Reply:
        if request.path != "/sso":
            return Reply(404)
        place, fields = self.form_for(dict(request.query))
        inputs = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in fields.items()
        )
        page = (
            f'<form method="post" action="{escape(place)}">{inputs}'
            f"<button>Sign in as {escape(self.present)}</button></form>"
        )
        return Reply(200, body=page.encode(), content_type="text/html")

    def _config(self) -> Any:
        (self.folder / "key.pem").write_text(self.key.key_pem)
        (self.folder / "certificate.pem").write_text(self.key.certificate_pem)
        signs_on = [(f"{self.url}/sso", BINDING_HTTP_REDIRECT)]
        return IdPConfig().load(
            {
                "entityid": self.entity_id,
                "xmlsec_binary": xmlsec1(),
                "key_file": str(self.folder / "key.pem"),
                "cert_file": str(self.folder / "certificate.pem"),
                "metadata": {"inline": list(self._known)},
                "service": {
                    "idp": {
                        "endpoints": {"single_sign_on_service": signs_on},
                        "want_authn_requests_signed": True,
                        "policy": {"default": {"lifetime": {"minutes": 5}}},
                    }
                },
            }
        )
