from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioning.configuration import ConfigurationError, loading


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "not valid YAML in line 2"),
        ("a: 1\na: 2", "line 2: “a” is given twice"),
        ("a: &x [1]\nb: [*x, *x]", r"line 2: aliases \(\*name\) are not accepted"),
        ("[" * 100 + "]" * 100, "nested too deeply"),
        ("a: !!python/object/apply:os.system [ls]", "not valid YAML in line 1"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        loading.parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [('{"a": 1, "a": 2}', "“a” is given twice"), ("{", "not valid"), ("[" * 99999, "nested")],
)
def test_what_is_no_plain_json_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        loading.parse(text, is_json=True)


def test_values_come_from_the_environment_and_from_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_PASSWORD", "hush")
    (tmp_path / "key.pem").write_text("a key\n")
    file = tmp_path / "c.json"
    file.write_text(json.dumps({"a": [{"env": "SOME_PASSWORD"}, {"file": "key.pem"}]}))

    assert loading.read(file) == {"a": ["hush", "a key"]}


def test_a_missing_variable_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"a\[0\]\.b: the environment variable NOPE_X"):
        loading.fill({"a": [{"b": {"env": "NOPE_X"}}]}, tmp_path)


def test_a_missing_file_is_named_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"a\.b: .*nope: No such file"):
        loading.fill({"a": {"b": {"file": "nope"}}}, tmp_path)
    with pytest.raises(ConfigurationError, match="No such file"):
        loading.read(tmp_path / "nope.yaml")


def test_a_file_that_is_too_large_or_no_text_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "c.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="not a text in UTF-8"):
        loading.read(file)

    monkeypatch.setattr(loading, "MAX_BYTES", 10)
    file.write_text("a: " + "x" * 20)
    with pytest.raises(ConfigurationError, match="larger than"):
        loading.read(file)


def test_a_setting_may_be_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "key.p12").write_bytes(b"\x30\x82\x00\xff")
    reference = {"file": "key.p12"}

    filled = loading.fill({"settings": {"private_key": reference}}, tmp_path, "connectors[0]")

    assert filled == {"settings": {"private_key": "MIIA/w=="}}
    with pytest.raises(ConfigurationError, match="not a text in UTF-8"):
        loading.fill({"document": reference}, tmp_path)
