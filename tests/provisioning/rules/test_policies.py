"""Rules and policies: tables 4 to 7, variables, obligations, and who decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from provisioning.rules import (
    Decision,
    MissingAttribute,
    Outcome,
    PolicyRefused,
    Request,
    Result,
    decide,
    load,
    names,
)
from tests.provisioning.rules.writing import (
    FIRST,
    NOTHING,
    POLICIES,
    RULES,
    SUBJECT,
    V1,
    V2,
    apply,
    deciding,
    designator,
    function,
    loaded,
    match,
    obligation,
    policy,
    policy_set,
    request,
    rule,
    target,
    value,
)

TRUE, FALSE = value("true", names.BOOLEAN), value("false", names.BOOLEAN)
BROKEN = apply(V1 + "not", apply(V1 + "boolean-one-and-only", apply(V1 + "boolean-bag")))
ABSENT = target(match("absent", "x", must=True))
DENY_OVERRIDES = RULES.format("3.0", "deny-overrides")
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=timezone(timedelta(hours=1)))


def clock(what: str, data_type: str) -> str:
    name = f"{names.URN}1.0:environment:current-{what}"
    return designator(name, data_type, category=names.ENVIRONMENT, must=True)


@pytest.mark.parametrize(
    ("part", "extended"),
    [
        (rule("Permit", TRUE), Outcome.PERMIT),
        (rule("Deny", TRUE), Outcome.DENY),
        (rule("Permit", FALSE), Outcome.NOT_APPLICABLE),
        (rule("Permit", BROKEN), Outcome.INDETERMINATE_P),
        (rule("Deny", BROKEN), Outcome.INDETERMINATE_D),
        (rule("Permit", FALSE, where=ABSENT), Outcome.INDETERMINATE_P),
        (rule("Deny", TRUE, where=ABSENT), Outcome.INDETERMINATE_D),
        (rule("Deny", BROKEN, where=target(match("absent", "x"))), Outcome.NOT_APPLICABLE),
    ],
)
def test_a_rule_comes_to_its_effect(part: str, extended: Outcome) -> None:
    assert decide(loaded(part, algorithm=DENY_OVERRIDES), NOTHING).extended is extended


@pytest.mark.parametrize(
    ("parts", "extended"),
    [
        ([rule("Permit")], Outcome.INDETERMINATE_P),
        ([rule("Deny")], Outcome.INDETERMINATE_D),
        ([rule("Deny", FALSE)], Outcome.NOT_APPLICABLE),
        ([rule("Permit", BROKEN)], Outcome.INDETERMINATE_P),
        ([rule("Deny", BROKEN)], Outcome.INDETERMINATE_D),
        ([rule("Deny", BROKEN), rule("Permit")], Outcome.INDETERMINATE_DP),
        ([], Outcome.NOT_APPLICABLE),
    ],
)
def test_a_target_that_fails_makes_the_policy_indeterminate(
    parts: list[str], extended: Outcome
) -> None:
    made = loaded(*parts, where=ABSENT, algorithm=DENY_OVERRIDES)

    result = decide(made, NOTHING)

    assert result.extended is extended
    if result.decision is Decision.INDETERMINATE:
        assert result.status.code == names.MISSING_ATTRIBUTE


def test_a_missing_attribute_is_named() -> None:
    result = deciding(apply(V1 + "string-is-in", value("x"), designator("absent", must=True)))

    wanted = MissingAttribute(SUBJECT, "absent", names.STRING)
    assert result.status.missing == (wanted,)
    assert result.status.message == "the request lacks absent"


def test_errors_that_did_not_decide_are_not_told() -> None:
    """The first policy permits in spite of an error; the decision fails elsewhere."""
    forgiving = policy(
        rule("Permit", BROKEN),
        rule("Permit", name="b"),
        algorithm=RULES.format("3.0", "permit-overrides"),
    )
    failing = policy(rule("Deny", where=ABSENT), name="other")

    result = decide(load(policy_set(forgiving, failing)), NOTHING)

    assert result.extended is Outcome.INDETERMINATE_DP
    assert result.status.code == names.MISSING_ATTRIBUTE


def test_only_one_policy_may_be_applicable() -> None:
    only_one = POLICIES.format("1.0", "only-one-applicable")
    a = policy(rule(), name="a", where=target(match("name", "kim")))
    b = policy(rule("Deny"), name="b", where=target(match("name", "kim"), match("name", "lee")))
    broken = policy(rule("Deny"), name="c", where=ABSENT)
    both = load(policy_set(a, b, algorithm=only_one))

    assert decide(both, request(name="lee")).decision is Decision.DENY
    assert decide(both, request(name="bo")).decision is Decision.NOT_APPLICABLE
    two = decide(both, request(name="kim"))
    assert (two.decision, two.status.message) == (
        Decision.INDETERMINATE,
        "more than one policy is applicable",
    )
    failed = decide(load(policy_set(a, broken, algorithm=only_one)), request(name="kim"))
    assert failed.status.code == names.MISSING_ATTRIBUTE


def test_a_variable_is_evaluated_once_and_may_name_others() -> None:
    size = apply(V1 + "string-bag-size", designator("name"))
    variables = [
        f'<VariableDefinition VariableId="size">{size}</VariableDefinition>',
        '<VariableDefinition VariableId="double">'
        + apply(V1 + "integer-add", *['<VariableReference VariableId="size"/>'] * 2)
        + "</VariableDefinition>",
    ]
    four = apply(
        V1 + "integer-equal",
        '<VariableReference VariableId="double"/>',
        value(4, names.INTEGER),
    )

    assert deciding(four, request(name=["a", "b"]), *variables).decision is Decision.PERMIT


def test_an_issuer_is_asked_for_or_does_not_matter() -> None:
    anybody = apply(V1 + "string-is-in", value("kim"), designator("name"))
    somebody = apply(V1 + "string-is-in", value("kim"), designator("name", issuer="hr"))

    assert deciding(anybody, request(name="kim")).decision is Decision.PERMIT
    assert deciding(somebody, request(name="kim")).decision is Decision.NOT_APPLICABLE


class TestObligations:
    def test_they_come_with_decisions_that_are_carried_up(self) -> None:
        permits = policy(
            rule(duties=obligation("of rule", "Permit", designator("name"))),
            name="permits",
            duties=obligation("of policy", "Permit", value("b")),
        )
        denies = policy(rule("Deny", duties=obligation("deny", "Deny", value("c"))), name="d")
        overriding = POLICIES.format("3.0", "permit-overrides")

        result = decide(
            load(policy_set(denies, permits, algorithm=overriding)),
            request(name=["kim", "lee"]),
        )

        assert [one.id for one in result.obligations] == ["of rule", "of policy"]
        assert [one.text for one in result.obligations[0].assignments] == ["kim", "lee"]

    def test_none_comes_with_an_indeterminate(self) -> None:
        one = policy(rule(duties=obligation("one", "Permit", value("b"))), where=ABSENT)

        assert decide(load(one), NOTHING).obligations == ()

    @pytest.mark.parametrize(
        ("made", "extended"),
        [
            (
                policy(
                    rule(duties=obligation("o", "Permit", BROKEN)), algorithm=DENY_OVERRIDES
                ),
                Outcome.INDETERMINATE_P,
            ),
            (
                policy(rule("Deny"), duties=obligation("o", "Deny", BROKEN)),
                Outcome.INDETERMINATE_D,
            ),
            (policy(rule("Deny"), duties=obligation("o", "Permit", BROKEN)), Outcome.DENY),
        ],
    )
    def test_one_that_cannot_be_evaluated_spoils_the_decision(
        self, made: str, extended: Outcome
    ) -> None:
        assert decide(load(made), NOTHING).extended is extended

    def test_advice_is_kept_apart(self) -> None:
        advice = (
            obligation("a", "Permit", value("b"))
            .replace("Obligation", "Advice")
            .replace("FulfillOn", "AppliesTo")
        )

        result = decide(loaded(rule(), duties=advice), NOTHING)

        assert (result.obligations, [one.id for one in result.advice]) == ((), ["a"])


class TestWhoDecided:
    def told(self, *parts: str, algorithm: str = FIRST) -> Result:
        return decide(loaded(*parts, name="office-hours", algorithm=algorithm), NOTHING)

    def test_the_rule_is_named(self) -> None:
        result = self.told(rule("Permit", FALSE), rule("Deny", name="deny_others"))

        assert result.deciding == ("policy office-hours, rule deny_others",)

    def test_the_policy_is_named_where_no_rule_applied(self) -> None:
        silent = RULES.format("3.0", "deny-unless-permit")

        result = self.told(rule("Permit", FALSE), algorithm=silent)

        assert (result.decision, result.deciding) == (Decision.DENY, ("policy office-hours",))

    def test_rules_that_were_overridden_are_not(self) -> None:
        result = self.told(rule(name="yes"), rule("Deny", name="no"), algorithm=DENY_OVERRIDES)

        assert result.deciding == ("policy office-hours, rule no",)

    def test_the_rule_that_failed_is_named(self) -> None:
        result = self.told(rule("Permit", FALSE, name="a"), rule("Permit", BROKEN, name="b"))

        assert result.deciding == ("policy office-hours, rule b",)

    def test_policies_that_applied_are_listed_with_their_versions(self) -> None:
        inner = policy(rule(), name="inner", version="1.2")
        silent = policy(rule("Permit", FALSE), name="silent")

        result = decide(load(policy_set(silent, inner)), NOTHING)

        assert [tuple(one) for one in result.policy_ids] == [
            ("inner", "1.2", False),
            ("set", "1.0", True),
        ]


class TestTheClock:
    IN_RANGE = apply(
        V2 + "time-in-range",
        apply(V1 + "time-one-and-only", clock("time", names.TIME)),
        value("09:00:00", names.TIME),
        value("17:00:00", names.TIME),
    )

    @pytest.mark.parametrize(("hour", "decision"), [(9, "Permit"), (18, "NotApplicable")])
    def test_office_hours_are_those_of_the_zone_of_now(self, hour: int, decision: str) -> None:
        policy_ = loaded(rule(condition=self.IN_RANGE))

        result = decide(policy_, NOTHING, now=NOW.replace(hour=hour))

        assert (result.decision.value, result.used_clock) == (decision, True)

    def test_a_time_of_the_request_comes_first(self) -> None:
        name = f"{names.URN}1.0:environment:current-time"
        asked = request_of_environment(name, names.TIME, "12:00:00+01:00")

        result = decide(loaded(rule(condition=self.IN_RANGE)), asked, now=NOW.replace(hour=3))

        assert (result.decision, result.used_clock) == (Decision.PERMIT, True)

    def test_one_reading_serves_a_whole_decision(self) -> None:
        sum_ = [
            clock("time", names.TIME),
            clock("date", names.DATE),
            clock("dateTime", names.DATE_TIME),
        ]
        sizes = [
            apply(
                V1 + "integer-equal",
                apply(f"{V1}{kind}-bag-size", one),
                value(1, names.INTEGER),
            )
            for kind, one in zip(("time", "date", "dateTime"), sum_, strict=True)
        ]

        assert deciding(apply(V1 + "and", *sizes)).decision is Decision.PERMIT

    def test_a_time_asked_for_as_text_is_not_supplied(self) -> None:
        """WSO2 sends text beside the typed value that its policies read."""
        size = apply(V1 + "string-bag-size", clock("time", names.STRING))

        result = deciding(apply(V1 + "integer-equal", size, value(0, names.INTEGER)))

        assert result.status.code == names.MISSING_ATTRIBUTE

    def test_a_decision_without_it_does_not_depend_on_it(self) -> None:
        assert deciding(TRUE).used_clock is False
        assert decide(loaded(rule()), NOTHING, now=datetime.now(UTC)).used_clock is False


def request_of_environment(name: str, data_type: str, text: str) -> Request:
    return Request.of({names.ENVIRONMENT: {name: [(data_type, text)]}})


def test_a_function_alone_is_no_expression() -> None:
    with pytest.raises(PolicyRefused, match="stands only as first argument"):
        deciding(function(V1 + "string-equal"))
