"""What the refusals of SCIM servers mean (`scimType`s of RFC 7644 §3.12, and what is usual)."""

from __future__ import annotations

from connectors.types import KnownCause

CAUSES = (
    KnownCause(
        r"answered 413|too ?large",
        "The request is larger than the target takes: usually a group with very many members. "
        "Choose the product's profile in the connector's settings, or one of your own with "
        "fewer members per request, then retry.",
    ),
    KnownCause(
        r"\bmutability\b|read-?only|immutable",
        "The target does not let this attribute be changed. Take it out of the claim mapping, "
        "or map it for creation only, then retry.",
    ),
    KnownCause(
        r"\binvalidPath\b|\bnoTarget\b",
        "The target does not know the place an attribute is written to. Set the update method "
        "to PUT in the connector's settings, or map the attribute elsewhere, then retry.",
    ),
    KnownCause(
        r"too long|at most \d+ characters|max(?:imum)? ?length|exceeds? .{0,20}length",
        "A value is longer than the target takes. Shorten it at the person, or cut it in the "
        "claim mapping with an expression, then retry.",
    ),
    KnownCause(
        r"\brequired\b|\bmissing\b|must not be (?:null|empty|blank)",
        "The target wants an attribute that is not sent. Fill it in at the person, or give it "
        "a default in the claim mapping, then retry.",
    ),
    KnownCause(
        r"licen[cs]e|seats?\b|subscription|user limit|quota",
        "The target has no room for another account. Get more licences there, or remove people "
        "who do not need one, then retry all of them.",
    ),
    KnownCause(
        r"\bdomain\b",
        "The target does not take addresses of this domain. Have the domain verified there, or "
        "map another address, then retry all of them.",
    ),
    KnownCause(
        r"Refused as members",
        "The target does not take some of the members. Look whether their accounts are still "
        "there (Provisioned entities); retry once they are.",
    ),
    KnownCause(
        r"\binvalidValue\b|\binvalidSyntax\b|not valid|invalid",
        "The target does not take a value as it is. The reason names it: mend it at the "
        "person, in the claim mapping, or for this one delivery with Edit and retry.",
    ),
    KnownCause(
        r"answered 501|answered 405|not (?:supported|implemented)",
        "The target does not do this. Set groups to none if it has no groups, or the delete "
        "action to disable if it deletes nobody; skip what is left.",
    ),
)
