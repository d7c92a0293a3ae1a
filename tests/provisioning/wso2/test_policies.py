from __future__ import annotations

from pathlib import Path
from typing import Any

from provisioning.wso2.notes import Became
from tests.flows.policies import DENY_OTHERS, policy
from tests.provisioning.wso2.servers import of, written

SET = (
    '<PolicySet xmlns="urn:oasis:names:tc:xacml:3.0:core:schema:wd-17" PolicySetId="{}" '
    'Version="1.0" PolicyCombiningAlgId='
    '"urn:oasis:names:tc:xacml:3.0:policy-combining-algorithm:deny-overrides"><Target/>'
    "<PolicyIdReference>{}</PolicyIdReference></PolicySet>"
)
OWN = "repository/resources/identity/policies/xacml"


def state(name: str, order: int, *, active: bool = True) -> str:
    said = str(active).lower()
    return (
        f"<policySet><active>{said}</active><policyId>{name}</policyId>"
        f"<policyOrder>{order}</policyOrder></policySet>"
    )


def entries(folder: Path, **policies: str) -> list[dict[str, Any]]:
    document = of(written(folder, policies=policies))
    assert document.problems == []
    return list(document.tenant["policies"])


def test_documents_are_kept_to_the_letter(tmp_path: Path) -> None:
    text = policy("one", DENY_OTHERS)

    [entry] = entries(tmp_path, one=text)

    assert entry == {
        "name": "one",
        "order": 1,
        "document": text,
        "enabled": True,
        "published": True,
    }


def test_the_highest_number_is_asked_first_there(tmp_path: Path) -> None:
    listed = f"<all>{state('a', 1)}{state('b', 7)}{state('c', 3, active=False)}</all>"

    made = entries(
        tmp_path, listed=listed, **{name: policy(name, DENY_OTHERS) for name in "abcd"}
    )

    told = {one["name"]: (one["order"], one["enabled"], one["published"]) for one in made}
    assert told == {
        "b": (1, True, True),
        "c": (2, False, True),
        "a": (3, True, True),
        "d": (4, True, False),
    }


def test_a_list_may_hold_the_documents(tmp_path: Path) -> None:
    text = policy("one", DENY_OTHERS)
    held = f"<a><policyId>one</policyId><policy><![CDATA[{text}]]></policy></a>"

    [entry] = entries(tmp_path, listed=held)

    assert (entry["document"], entry["published"]) == (text, True)


def test_what_others_refer_to_goes_before_them(tmp_path: Path) -> None:
    made = entries(tmp_path, a=SET.format("a", "z"), z=policy("z", DENY_OTHERS))

    assert [one["name"] for one in made] == ["z", "a"]


def test_a_policy_that_decides_must_be_readable(tmp_path: Path) -> None:
    folder = written(tmp_path, policies={"bad": SET.format("bad", "missing"), "no": "<html/>"})

    document = of(folder)

    assert document.problems[0] == (
        "repository/conf/identity/policies/no.xml:1: holds a html, neither a policy nor the "
        "state of one."
    )
    assert document.problems[1].startswith(
        "repository/conf/identity/policies/bad.xml: policy bad"
    )


def test_the_drafts_of_the_product_hold_back_nothing(tmp_path: Path) -> None:
    (tmp_path / OWN).mkdir(parents=True)
    (tmp_path / OWN / "bad.xml").write_text(SET.format("bad", "missing"))
    (tmp_path / OWN / "good.xml").write_text(policy("good", DENY_OTHERS))

    document = of(written(tmp_path))

    assert document.problems == []
    assert [(p["name"], p["published"]) for p in document.tenant["policies"]] == [
        ("good", False)
    ]
    [told] = document.notes.of(Became.LEFT_OUT)
    assert "could not be published" in told.why
