from __future__ import annotations

import base64
import json
import os

import pytest

from provisioning.wso2.reading import parse
from provisioning.wso2.secrets import Variables, is_hidden, readable

RSA = base64.b64encode(os.urandom(256)).decode()
HOLDER = base64.b64encode(json.dumps({"c": "x", "t": "RSA"}).encode()).decode()


@pytest.mark.parametrize("text", [RSA, HOLDER, "$secret{alias}", "********"])
def test_what_only_wso2_can_read_is_not_taken_for_the_secret(text: str) -> None:
    assert readable(parse(f"<Value>{text}</Value>".encode(), "x")) == ""


def test_a_reference_to_the_vault_is_no_secret() -> None:
    held = b'<Value xmlns:svns="urn:vault" svns:secretAlias="alias">password</Value>'

    assert is_hidden(parse(held, "x"))


@pytest.mark.parametrize("text", ["letmein", "bGV0bWVpbg==", "{}", "e30=", "WzFd"])
def test_a_secret_in_clear_is_taken(text: str) -> None:
    assert readable(parse(f"<Value>{text}</Value>".encode(), "x")) == text


def test_every_secret_has_a_variable_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = Variables()
    names = [variables.secret(idp, "scim", "password") for idp in ("a-b", "a_b", "ä b")]

    assert [one.variable for one in names] == [
        "WSO2_A_B_SCIM_PASSWORD",
        "WSO2_A_B_SCIM_PASSWORD_2",
        "WSO2_B_SCIM_PASSWORD",
    ]
    monkeypatch.setenv("WSO2_A_B_SCIM_PASSWORD", "given")
    assert [one.known for one in names] == ["given", "", ""]
