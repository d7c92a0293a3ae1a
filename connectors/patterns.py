"""Provisioning patterns: `{UD,UN,TD,IDP}` and a separator make the name at a target.

Several tenants, stores and identity providers can so share one domain at a target without
sharing names. Tokens in any order, each at most once:

| token | stands for |
|---|---|
| UD | the user store's domain (`PRIMARY` for the primary one) |
| UN | the name of the user in that store |
| TD | the tenant's domain |
| IDP | the name of the identity provider |

The result is in lower case. So that a part cannot be mistaken for two, the separator is
taken out of every part but the user name, letter by letter as it is (WSO2 takes it for a
regular expression).
"""

from __future__ import annotations

from dataclasses import dataclass

from connectors.types import LocalName

TOKENS = ("UD", "UN", "TD", "IDP")


class PatternRefused(ValueError):
    """It is no pattern; the message says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    tokens: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Raises `PatternRefused`.

        >>> Pattern.parse("{UN, TD}").tokens
        ('UN', 'TD')
        """
        inner = text.strip()
        if not (inner.startswith("{") and inner.endswith("}") and len(inner) > 1):
            raise PatternRefused(f"a pattern looks like {{UN,TD}}, not like {text!r}")
        tokens = [token.strip() for token in inner[1:-1].split(",")]
        for token in tokens:
            if token not in TOKENS:
                known = ", ".join(TOKENS)
                raise PatternRefused(f"there is no token {token!r} in patterns: {known}")
        if len(set(tokens)) < len(tokens):
            raise PatternRefused("a token stands in the pattern twice")
        if "UN" not in tokens:
            raise PatternRefused("without UN everybody would have the same name")
        return cls(tuple(tokens))

    def build(self, name: LocalName, separator: str) -> str:
        """The name at the target.

        >>> kim = LocalName("STAFF/Kim", store="STAFF", tenant_domain="acme.example")
        >>> Pattern.parse("{UD,UN,TD}").build(kim, "_")
        'staff_kim_acme.example'
        """
        parts = {
            "UD": _without(name.store, separator),
            "UN": name.bare,
            "TD": _without(name.tenant_domain, separator),
            "IDP": _without(name.identity_provider, separator),
        }
        return separator.join(parts[token] for token in self.tokens).lower()


def in_domain(name: str, domain: str) -> str:
    """The name as an address in the domain. One that is there already stays; any other
    `@` becomes a full stop.

    >>> in_domain("kim", "acme.example"), in_domain("kim@acme.example", "acme.example")
    ('kim@acme.example', 'kim@acme.example')
    >>> in_domain("kim@other.example", "acme.example"), in_domain("x@evilfoo.com", "foo.com")
    ('kim.other.example@acme.example', 'x.evilfoo.com@foo.com')
    """
    domain = domain.strip().lstrip("@").lower()
    if not domain or name.endswith(f"@{domain}"):
        return name
    return f"{name.replace('@', '.')}@{domain}"


def in_store(name: str, domain: str) -> str:
    """The name in another user store: `DOMAIN/` takes the place of any prefix.

    >>> in_store("STAFF/kim", "HR"), in_store("kim", "HR"), in_store("STAFF/kim", "")
    ('HR/kim', 'HR/kim', 'STAFF/kim')
    """
    domain = domain.strip().rstrip("/")
    return f"{domain}/{name.partition('/')[2] or name}" if domain else name


def _without(part: str, separator: str) -> str:
    return part.replace(separator, "") if separator else part
