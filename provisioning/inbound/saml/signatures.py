"""Only what the identity provider has signed is believed, and only in the one way we take.

A signature is an enveloped one of a whole response or assertion (core, 5.4): one reference,
to its parent by ID; the transforms are the enveloped signature and exclusive
canonicalization; nothing of SHA-1. What is answered is not the document that came but what
was signed of it, read anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidCertificate, InvalidDigest, SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from connectors import hardened_xml
from provisioning.inbound.saml.names import ENVELOPED, EXCLUSIVE, ds, saml
from provisioning.inbound.saml.refusals import SamlRefused

METHODS = frozenset(
    {
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
    }
)
DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
PARTS = [ds("SignedInfo"), ds("SignatureValue"), ds("KeyInfo")]
AT_RESPONSE = "./"
AT_ASSERTION = f"./{saml('Assertion')}/"
# What signxml meets in documents that are not what it expects.
STUMBLES = (SignXMLException, etree.LxmlError, ValueError, TypeError, KeyError, AttributeError)


def believed(
    response: etree._Element, certificates: Sequence[x509.Certificate]
) -> tuple[etree._Element | None, etree._Element]:
    """(response, assertion) as signed; without a response where only the assertion is.

    Every signature there is must hold. Raises `SamlRefused`.
    """
    whole = None
    if response.find(ds("Signature")) is not None:
        whole = response = _verified(response, response, AT_RESPONSE, certificates)
    assertion = response.find(saml("Assertion"))
    if assertion is None:
        raise SamlRefused("there is no assertion")
    if assertion.find(ds("Signature")) is not None:
        assertion = _verified(response, assertion, AT_ASSERTION, certificates)
    elif whole is None:
        raise SamlRefused("neither the response nor the assertion is signed")
    return whole, assertion


def _verified(
    root: etree._Element,
    part: etree._Element,
    location: str,
    certificates: Sequence[x509.Certificate],
) -> etree._Element:
    """The part as it was signed, by one of the keys of the identity provider."""
    _check_form(part)
    reason = SamlRefused("no key of the identity provider's metadata has made this signature")
    for certificate in certificates:
        try:
            return _verified_by(root, part, location, certificate)
        except InvalidDigest as error:
            raise SamlRefused("what was signed has been changed since") from error
        except InvalidCertificate:
            reason = SamlRefused("the certificate of the identity provider has ended")
        except STUMBLES:
            continue
    raise reason


def _verified_by(
    root: etree._Element, part: etree._Element, location: str, certificate: x509.Certificate
) -> etree._Element:
    result = XMLVerifier().verify(
        root,
        x509_cert=certificate,
        id_attribute="ID",
        parser=hardened_xml.parser(),
        expect_config=SignatureConfiguration(
            location=location,
            expect_references=1,
            signature_methods=METHODS,
            digest_algorithms=DIGESTS,
            ignore_ambiguous_key_info=True,  # which key counts is said by the metadata alone
        ),
    )
    signed = None if isinstance(result, list) else result.signed_xml
    if signed is None or signed.tag != part.tag or signed.get("ID") != part.get("ID"):
        raise SamlRefused("the signature is of something else")
    return signed


def _check_form(part: etree._Element) -> None:
    """The signature before anything is computed. Raises `SamlRefused`."""
    signature = part.find(ds("Signature"))
    info = signature.find(ds("SignedInfo")) if signature is not None else None
    if signature is None or info is None or any(c.tag not in PARTS for c in signature):
        raise SamlRefused("the signature is not of the form that SAML gives it")
    references = info.findall(ds("Reference"))
    if len(references) != 1 or references[0].get("URI") != f"#{part.get('ID')}":
        raise SamlRefused("the signature is of something else")
    if _algorithm(info, "CanonicalizationMethod") != EXCLUSIVE:
        raise SamlRefused("the signature is not canonicalized exclusively")
    _check_algorithms(info, references[0])
    transforms = [one.get("Algorithm") for one in references[0].iter(ds("Transform"))]
    if transforms != [ENVELOPED, EXCLUSIVE]:
        raise SamlRefused("the signature transforms what it signs in a way that is not taken")


def _check_algorithms(info: etree._Element, reference: etree._Element) -> None:
    method, digest = _algorithm(info, "SignatureMethod"), _algorithm(reference, "DigestMethod")
    if method not in {one.value for one in METHODS}:
        raise SamlRefused(f"signatures by {method[:100]} are not taken: use SHA-256 or better")
    if digest not in {one.value for one in DIGESTS}:
        raise SamlRefused(f"digests by {digest[:100]} are not taken: use SHA-256 or better")


def _algorithm(parent: etree._Element, name: str) -> str:
    found = parent.find(ds(name))
    return "" if found is None else str(found.get("Algorithm", ""))
