"""`manage.py evaluate_policy`: policies and requests in files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree

from tests.provisioning.management.running import run
from tests.provisioning.rules.asking import attribute, attributes, document
from tests.provisioning.rules.writing import match, policy, policy_set, rule, target, value

KIM = document(attributes(attribute("name", value("kim"))))
IS_KIM = policy(rule(where=target(match("name", "kim"))), name="is-kim")
REFERRING = policy_set("<PolicyIdReference>is-kim</PolicyIdReference>")


def files(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.xml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def decision(xml: str) -> str | None:
    return etree.fromstring(xml.encode()).findtext("{*}Result/{*}Decision")


def test_it_prints_the_response(tmp_path: Path) -> None:
    files(tmp_path, p=IS_KIM, r=KIM)

    ended = run("evaluate_policy", str(tmp_path / "p.xml"), str(tmp_path / "r.xml"))

    assert (ended.code, ended.err, decision(ended.out)) == (0, "", "Permit")


def test_it_prints_it_within_json(tmp_path: Path) -> None:
    files(tmp_path, p=IS_KIM, r=KIM)

    ended = run("evaluate_policy", "--json", str(tmp_path / "p.xml"), str(tmp_path / "r.xml"))

    assert decision(json.loads(ended.out)["response"]) == "Permit"


def test_references_are_looked_up_in_the_repository(tmp_path: Path) -> None:
    files(tmp_path, p=REFERRING, r=KIM, store__deep__one=IS_KIM, store__bad="<nonsense")
    paths = (str(tmp_path / "p.xml"), str(tmp_path / "r.xml"))

    with_it = run("evaluate_policy", *paths, "--repository", str(tmp_path / "store"))
    without = run("evaluate_policy", *paths)

    assert (with_it.code, decision(with_it.out)) == (0, "Permit")
    assert (without.code, without.out, without.err) == (
        1,
        "",
        "The policy is refused: line 1: there is no policy is-kim.\n",
    )


@pytest.mark.parametrize(
    ("policy_text", "request_text", "said"),
    [
        ("<x/>", KIM, "The policy is refused: line 1: x is not in the namespace urn:oasis"),
        (IS_KIM, "<x/>", "The request is refused: line 1: x is not in the namespace urn:oasis"),
    ],
)
def test_what_is_refused_is_exit_1(
    tmp_path: Path, policy_text: str, request_text: str, said: str
) -> None:
    files(tmp_path, p=policy_text, r=request_text)

    ended = run("evaluate_policy", str(tmp_path / "p.xml"), str(tmp_path / "r.xml"))

    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give a policy and a request, or --batch DIR --out OUT.\n"),
        (["p.xml"], "Give a policy and a request, or --batch DIR --out OUT.\n"),
        (["nope.xml", "r.xml"], "nope.xml cannot be read: No such file or directory.\n"),
        (["p.xml", "r.xml", "--repository", "nope"], "nope is no folder.\n"),
        (["--batch", "."], "--batch DIR takes --out OUT, and nothing else.\n"),
        (["--batch", "nope", "--out", "out"], "nope is no folder.\n"),
    ],
)
def test_wrong_input_is_exit_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)

    ended = run("evaluate_policy", *arguments)

    assert (ended.code, ended.out, ended.err) == (2, "", said)


def test_a_batch_answers_every_folder_by_itself(tmp_path: Path) -> None:
    cases = files(
        tmp_path / "cases",
        yes__Policy=IS_KIM,
        yes__Request=KIM,
        referring__Policy=REFERRING,
        referring__Request=KIM,
        referring__repository__one=IS_KIM,
        lost__Policy=REFERRING,
        lost__Request=KIM,
        bad_request__Policy=IS_KIM,
        bad_request__Request="<",
        half__Request=KIM,
    )
    out = tmp_path / "deep" / "out"
    files(out, lost="<old/>")

    ended = run("evaluate_policy", "--batch", str(cases), "--out", str(out))

    assert (ended.code, ended.out) == (0, "2 answered, 3 refused.\n")
    assert sorted(path.name for path in out.iterdir()) == [
        "bad_request.error",
        "half.error",
        "lost.error",
        "referring.xml",
        "yes.xml",
    ]
    assert decision((out / "referring.xml").read_text()) == "Permit"
    assert "Policy.xml cannot be read" in (out / "half.error").read_text()
    assert (out / "lost.error").read_text() == (
        "The policy is refused: line 1: there is no policy is-kim.\n"
    )


def test_a_batch_run_again_leaves_no_old_answers(tmp_path: Path) -> None:
    cases = files(tmp_path / "cases", one__Policy="<", one__Request=KIM)
    out = tmp_path / "out"

    def ran() -> list[str]:
        run("evaluate_policy", "--batch", str(cases), "--out", str(out), "--json")
        return [path.name for path in out.iterdir()]

    assert ran() == ["one.error"]
    files(cases, one__Policy=IS_KIM)
    assert ran() == ["one.xml"]
