"""The files of the profiles: what may stand in them, and what the documents say of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.scim.fields import SCIM2_FIELDS
from connectors.scim.profiles import Behaviour, ProfileIsWrong, Throttling, choices, named
from connectors.scim.profiles.known import ours
from connectors.scim.profiles.page import page
from connectors.scim.profiles.reading import read
from connectors.scim.profiles.settings import SETTINGS, Refused
from connectors.scim.profiles.shaping import shaped, without

ROOT = Path(__file__).parents[3]
ACME = """
name = "Acme Cloud"
about = "small portions"

[[quirks]]
what = "At most 20 memberships."
so = "20 at a time."
source = "https://acme.example/scim"
date = 2026-11-27
set.members_per_request = 20
set.omitted = ["title"]

[[quirks]]
what = "409 means later."
so = "It is waited."
source = "https://acme.example/scim"
date = 2026-11-27
set.throttling = [{statuses = [409], says = "busy", pause = 30}]
set.omitted = ["nickName"]
"""


def written(folder: Path, text: str = ACME, name: str = "acme-cloud.toml") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_a_profile_is_read_with_all_that_it_sets(tmp_path: Path) -> None:
    profile = read(written(tmp_path))

    assert (profile.key, profile.name) == ("acme-cloud", "Acme Cloud")
    assert profile.behaviour == Behaviour(
        members_per_request=20,
        omitted=("title", "nickName"),
        throttling=(Throttling((409,), says="busy", pause=30.0),),
    )
    assert profile.quirks[0].date == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name =", "nam =", "there is no key nam: known are about, name, quirks"),
        ('name = "Acme Cloud"', 'name = " "', "name must be a text that is not empty"),
        ('about = "small portions"', "", "about must be a text"),
        ("[[quirks]]", "[quirks]", "cannot be read"),
        ('so = "20 at a time."', "", r"quirks\[1\]\.so must be a text"),
        ("2026-11-27", '"27 November"', r"quirks\[1\]\.date must be a date"),
        ("2026-11-27", "2026-11-27T10:00:00", r"quirks\[1\]\.date must be a date"),
        ("https://acme", "http://acme", r"quirks\[1\]\.source must be .* https://"),
        ("set.members", "set.member", r"no key quirks\[1\]\.set\.member_per_request"),
        ("= 20\n", "= 0\n", r"quirks\[1\]\.set\.members_per_request must be a whole number"),
        ("= 20\n", "= true\n", r"quirks\[1\]\.set\.members_per_request must be a whole"),
        ('["title"]', '"title"', r"quirks\[1\]\.set\.omitted must be a list"),
        ("[409]", "[200]", r"quirks\[2\]\.set\.throttling needs statuses"),
        ('says = "busy", ', "", r"quirks\[2\]\.set\.throttling needs says or spent"),
        ("pause = 30", "wait = 30", r"quirks\[2\]\.set\.throttling has no key wait"),
        ("set.throttling", "set.members_per_request = 5\nset.throttling", "earlier quirk"),
        ("set.throttling = ", "set.user_update = ", "must be auto or put or patch"),
        ("set.throttling = ", "set.group_rename = ", "must be true or false"),
    ],
)
def test_a_mistake_is_named_with_file_and_key(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert old in ACME

    with pytest.raises(ProfileIsWrong, match=rf"^acme-cloud\.toml: .*{said}"):
        read(written(tmp_path, ACME.replace(old, new)))


def test_what_is_no_profile_at_all_is_named_too(tmp_path: Path) -> None:
    with pytest.raises(ProfileIsWrong, match=r"Acme\.toml: .* small letters"):
        read(written(tmp_path, name="Acme.toml"))
    with pytest.raises(ProfileIsWrong, match=r"nothing\.toml: cannot be read"):
        read(tmp_path / "nothing.toml")


@given(
    st.sampled_from(sorted(SETTINGS)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["says", "x"]), inner),
        max_leaves=5,
    ),
)
def test_any_value_is_taken_or_refused(key: str, value: Any) -> None:
    try:
        checked = SETTINGS[key](value)
    except Refused:
        return
    assert hash(Behaviour(**{key: checked})) is not None


def test_whatever_can_be_set_is_told() -> None:
    guide = (ROOT / "docs/connectors/scim2.md").read_text()
    keys = {field.name for field in fields(Behaviour)}

    assert keys == set(SETTINGS)
    assert [key for key in keys if f"`{key}`" not in guide] == []
    assert [key for key, _ in choices() if f"| `{key}` |" not in guide] == []


def test_the_page_is_what_the_files_say() -> None:
    written_page = (ROOT / "docs/connectors/scim2-profiles.md").read_text()

    assert written_page == page(), "python -m connectors.scim.profiles.page > docs/connectors/…"
    for profile in ours():
        assert all(quirk.source in written_page for quirk in profile.quirks)


def test_the_form_offers_them_by_name_and_says_what_differs() -> None:
    [field] = [field for field in SCIM2_FIELDS if field.name == "profile"]

    assert ("aws", "AWS IAM Identity Center") in field.choices
    assert [profile for profile in ours() if f"{profile.about}." not in field.help] == []
    assert named("").behaviour == Behaviour()


# -- profiles of the customer's own -------------------------------------------------------


def started(folder: Path) -> subprocess.CompletedProcess[str]:
    code = (
        "import django; django.setup()\n"
        "from connectors.scim.v2 import Scim2Connector as found\n"
        "[field] = [field for field in found.fields if field.name == 'profile']\n"
        "print(dict(field.choices))"
    )
    environment = {
        "PURVEYOR_SCIM_PROFILES": str(folder),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_profiles_of_ones_own_are_offered_beside_ours_and_replace_them(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, ACME.replace("Acme Cloud", "Our AWS"), "aws.toml")

    done = started(tmp_path)

    assert done.returncode == 0, done.stderr
    assert "'acme-cloud': 'Acme Cloud'" in done.stdout
    assert "'aws': 'Our AWS'" in done.stdout
    assert "'slack': 'Slack'" in done.stdout


def test_a_profile_of_ones_own_with_a_mistake_is_told_in_a_sentence(tmp_path: Path) -> None:
    written(tmp_path, ACME.replace("= 20\n", "= 'many'\n"))

    for folder, said in (
        (tmp_path, "acme-cloud.toml: quirks[1].set"),
        (tmp_path / "x", "no folder"),
    ):
        done = started(folder)

        assert done.returncode == 2
        assert re.fullmatch(r"PURVEYOR_SCIM_PROFILES: [^\n]+\n", done.stderr)
        assert said in done.stderr


def test_the_example_in_the_documents_can_be_read(tmp_path: Path) -> None:
    guide = (ROOT / "docs/connectors/scim2.md").read_text()
    [example] = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)

    assert read(written(tmp_path, example)).behaviour.members_per_request == 20


# -- documents in shape -------------------------------------------------------------------

URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        (["title"], {"emails": [{"value": "a", "display": "A"}], URN: {"manager": {"n": 1}}}),
        (
            ["emails.display"],
            {"title": "Dr", "emails": [{"value": "a"}], URN: {"manager": {"n": 1}}},
        ),
        (
            [f"{URN}:manager.n", "emails.value", "emails.display", "name.x", "title.y"],
            {"title": "Dr"},
        ),
    ],
)
def test_what_is_left_out_leaves_nothing_empty_behind(
    paths: list[str], left: dict[str, Any]
) -> None:
    document = {
        "title": "Dr",
        "emails": [{"value": "a", "display": "A"}],
        URN: {"manager": {"n": 1}},
    }

    assert without(document, paths) == left


@pytest.mark.parametrize(
    ("values", "sent"),
    [
        ([{"value": "a"}, {"value": "b"}], [{"value": "a", "primary": True}]),
        ([{"value": "a"}, {"value": "b", "primary": True}], [{"value": "b", "primary": True}]),
        (["a", "b"], ["a"]),
        ("a", "a"),
    ],
)
def test_one_value_is_the_primary_or_the_first(values: Any, sent: Any) -> None:
    behaviour = Behaviour(single_valued=("emails",), marked_primary=("emails",))

    assert shaped({"emails": values}, behaviour) == {"emails": sent}
