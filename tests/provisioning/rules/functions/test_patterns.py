from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.rules.functions import patterns
from tests.provisioning.rules.functions.answering import answer, code

MATCHES = [
    ("1.0 string-regexp-match", "string B.*", "string Bart"),
    ("1.0 string-regexp-match", "string ar", "string Bart"),
    ("1.0 string-regexp-match", "string ^B[a-z]{3}$", "string Bart"),
    ("1.0 regexp-string-match", "string ^[^x]+$", "string Bart"),
    ("1.0 string-regexp-match", r"string ^\i\c*$", "string _a:b-1"),
    ("1.0 string-regexp-match", r"string ^\d{3}\s\w+$", "string 123 äb"),
    ("1.0 string-regexp-match", r"string ^\p{Lu}\P{Lu}$", "string Äb"),
    ("1.0 string-regexp-match", r"string ^[\d.]+$", "string 1.2"),
    ("1.0 string-regexp-match", "string (?i)^BART$", "string bart"),
    ("2.0 anyURI-regexp-match", "string ^http://[^/]+/$", "anyURI http://a/"),
    ("2.0 ipAddress-regexp-match", r"string ^10\.", "ipAddress 10.0.0.1/255.0.0.0"),
    ("2.0 dnsName-regexp-match", r"string \.com$", "dnsName sun.com"),
    ("2.0 rfc822Name-regexp-match", "string @SUN", "rfc822Name kim@SUN.com"),
    ("2.0 x500Name-regexp-match", "string O=Acme", "x500Name CN=Kim, O=Acme"),
    ("1.0 rfc822Name-match", "string kim@SUN.com", "rfc822Name kim@sun.com"),
    ("1.0 rfc822Name-match", "string sun.com", "rfc822Name kim@SUN.com"),
    ("1.0 rfc822Name-match", "string .sun.com", "rfc822Name kim@east.sun.com"),
    ("1.0 x500Name-match", "x500Name O=Medico Corp,C=US", "x500Name cn=J,o=Medico Corp,c=US"),
    ("1.0 x500Name-match", "x500Name CN=J", "x500Name cn=j"),
]
MISSES = [
    ("1.0 string-regexp-match", "string ^b", "string Bart"),
    ("1.0 string-regexp-match", "string a.b", "string a\nb"),
    ("1.0 rfc822Name-match", "string Kim@sun.com", "rfc822Name kim@sun.com"),
    ("1.0 rfc822Name-match", "string sun.com", "rfc822Name kim@east.sun.com"),
    ("1.0 rfc822Name-match", "string .sun.com", "rfc822Name kim@sun.com"),
    ("1.0 x500Name-match", "x500Name CN=J,O=A", "x500Name O=A"),
    ("1.0 x500Name-match", "x500Name CN=J", "x500Name CN=J,O=A"),
]
BAD = [
    ("[a-z", "missing ]"),
    ("(", "missing )"),
    (r"(a)\1", "invalid escape"),
    ("a{2000}", "invalid repetition"),
    (r"\p{IsGreek}", "names a block of Unicode"),
    ("[a-z-[aeiou]]", "has a [ within []"),
    (r"[\w-]", "is beyond RE2"),
    ("a(?=b)", "invalid perl operator"),
    ("a" * 2000, "too long"),
]


@pytest.mark.parametrize("row", MATCHES, ids=" ".join)
def test_it_matches(row: tuple[str, ...]) -> None:
    assert answer(*row) is True


@pytest.mark.parametrize("row", MISSES, ids=" ".join)
def test_it_does_not_match(row: tuple[str, ...]) -> None:
    assert answer(*row) is False


@pytest.mark.parametrize(("pattern", "why"), BAD, ids=[why for _, why in BAD])
def test_a_bad_pattern_says_why(pattern: str, why: str) -> None:
    with pytest.raises(patterns.BadPattern) as refused:
        patterns.compiled(pattern)

    assert why in str(refused.value)


def test_a_bad_pattern_of_a_request_is_indeterminate() -> None:
    """Known only when it is used."""
    inner = "@1.0 string-regexp-match"

    assert code("3.0 any-of", inner, ("string", "["), "string a") == "processing-error"


@given(st.text(max_size=40))
def test_any_text_is_a_pattern_or_refused(text: str) -> None:
    try:
        found = patterns.compiled(text).search("")
    except patterns.BadPattern:
        return
    assert found is None or found.group() == ""
