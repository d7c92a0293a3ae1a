from __future__ import annotations

import pytest

from provisioning.configuration import ConfigurationError
from tests.provisioning.configuration.files import applied, in_tenant, tree

CONNECTOR = "identity_providers: [{name: p, connectors: [{type: scim2, %s}]}]"
PROVIDER = "identity_providers: [{name: p, %s}]"
AT_CONNECTOR = "tenants[0].identity_providers[0].connectors[0]"


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as caught:
        applied(text)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "the file must hold"),
        ("{tenants: []}", "version: is missing"),
        ("{version: 2}", "version: another version of the file format is not available"),
        ("{version: 1, tenant: []}", "tenant: unknown key; did you mean tenants?"),
        ("{version: 1, tenants: {}}", "tenants: must be a list"),
        ("{version: 1, tenants: [{}]}", "tenants[0].domain: is missing"),
        ("{version: 1, tenants: [{domain: a}, {domain: A}]}", "[1].domain: “A” is given twice"),
        (in_tenant("time_zone: 1"), "tenants[0].time_zone: must be a text (put it in quotes)"),
        (in_tenant("users: [{username: ''}]"), "users[0].username: must not be empty"),
        (in_tenant("operators: [{username: a, role: boss}]"), "role: must be one of viewer"),
        (in_tenant("operators: [{username: a, use_doors: 1}]"), "must be true or false"),
        (in_tenant(CONNECTOR % "retry_hours: 0"), f"{AT_CONNECTOR}.retry_hours: must be at"),
        (in_tenant(CONNECTOR % "retry_hours: x"), "must be a whole number"),
        (in_tenant(CONNECTOR % "groups: some"), "must be all, none or a list of group names"),
        (in_tenant(CONNECTOR % "settings: {a: {b: 1}}"), "settings.a: must be a single value"),
        (in_tenant(PROVIDER % "certificate: x"), "certificate: must hold certificates in PEM"),
        (in_tenant(PROVIDER % "authenticator: []"), "authenticator: must have keys and values"),
        (in_tenant(PROVIDER % "authenticator: {type: x}"), "type: must be one of oidc, saml"),
        (
            in_tenant(PROVIDER % "authenticator: {type: oidc, isuer: a}"),
            "isuer: unknown key; did you mean issuer?",
        ),
        (
            in_tenant(PROVIDER % "authenticator: {type: oidc, metadata: a}"),
            "authenticator.metadata: unknown key",
        ),
        (
            in_tenant(PROVIDER % "authenticator: {type: saml, sign_requests: 'y'}"),
            "sign_requests: must be true or false",
        ),
        (in_tenant(PROVIDER % "authenticator: {issuer: a}"), "authenticator.type: is missing"),
        (
            in_tenant(PROVIDER % "authenticator: {type: saml}"),
            "authenticator.metadata: Metadata is required",
        ),
        (
            in_tenant(PROVIDER % "claim_mappings: [{remote: a}]"),
            "one of local, constant and expression",
        ),
        (
            in_tenant(PROVIDER % "claim_mappings: [{remote: a, local: nope}]"),
            "claim_mappings[0].local: there is no claim nope",
        ),
        (
            in_tenant("users: [{username: k, claims: {'http://wso2.org/claims/givename': K}}]"),
            "did you mean http://wso2.org/claims/givenname?",
        ),
        (
            in_tenant("users: [{username: k, claims: {'http://wso2.org/claims/username': K}}]"),
            "is given as username",
        ),
        (in_tenant("service_providers: [{name: a, oauth_client: {scopes: [x]}}]"), "scopes[0]"),
    ],
)
@pytest.mark.usefixtures("tenant")
def test_what_is_wrong_is_named_with_its_path(text: str, said: str) -> None:
    [problem] = problems(text)

    assert said in problem


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PROVIDER % "withdraw: true, state: absent", "withdrawing what is at the targets"),
    ],
)
@pytest.mark.usefixtures("tenant")
def test_what_is_not_there_yet_is_refused_and_not_ignored(text: str, said: str) -> None:
    [problem] = problems(in_tenant(text))

    assert said in problem


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("requests_per_second: -1", "requests_per_second: must be at least 0"),
        ("requests_per_second: 0.0001", "requests_per_second: 0, for no limit, or from 0.001"),
        ("requests_per_second: .nan", "requests_per_second: must be at least 0"),
        ("requests_per_second: ten", "requests_per_second: must be a number"),
        ("burst: 0", "burst: must be at least 1"),
        ("daily_quota: 1.5", "daily_quota: must be a whole number"),
    ],
)
@pytest.mark.usefixtures("tenant")
def test_a_budget_that_lets_nothing_through_is_refused(budget: str, said: str) -> None:
    found = problems(in_tenant(CONNECTOR % f"budget: {{{budget}}}"))

    assert any(f"connectors[0].budget.{said}" in problem for problem in found)


@pytest.mark.usefixtures("tenant")
def test_everything_wrong_is_told_at_once() -> None:
    assert len(problems(in_tenant("time_zone: 1, selfsignup: true, users: 3"))) == 3


@pytest.mark.usefixtures("tenant")
def test_a_value_of_any_type_may_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOORS", "true")
    text = in_tenant("operators: [{username: a, password: b, use_doors: {env: DOORS}}]")

    report = applied(text)

    assert report.as_json()["created"] == 1
    assert tree(text)["tenants"][0]["operators"][0]["use_doors"] == "true"
