from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.entity_files.reading import read
from provisioning.entity_files.rows import BadHeader
from provisioning.entity_files.shapes import Groups, Users
from provisioning.entity_files.writing import lines

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)
TITLE = "http://wso2.org/claims/title"


@given(TEXT, TEXT, st.sampled_from(["csv", "jsonl"]))
def test_every_text_comes_back_as_it_was(name: str, title: str, format: str) -> None:
    written = lines([{"userName": name, "title": title}], ("userName", "title"), format)

    [row] = read(io.StringIO("".join(written), newline=""), Users(), format)

    assert row.problem == ""
    assert row.entry["username"] == name
    assert row.entry["claims"][TITLE] in (title, [title])


@given(st.lists(TEXT.filter(str.strip), min_size=1), st.sampled_from(["csv", "jsonl"]))
def test_every_list_of_members_comes_back_as_it_was(names: list[str], format: str) -> None:
    written = lines([{"name": "sales", "members": names}], Groups.columns, format)

    [row] = read(io.StringIO("".join(written), newline=""), Groups(), format)

    assert row.entry["members"] == names


@given(TEXT)
def test_no_spreadsheet_computes_a_cell(text: str) -> None:
    [_, line] = "".join(lines([{"name": f"={text}"}], ["name"], "csv")).split("\r\n", 1)

    assert line.lstrip('"').startswith("[")


def test_a_quote_that_is_never_closed_does_not_swallow_the_file() -> None:
    rows = list(read(["userName,title\n", "kim,Boss\n", 'lee,"Cl\n', "max,\n"], Users(), "csv"))

    assert [row.entry.get("username") for row in rows] == ["kim", None]
    assert "no CSV in UTF-8 from here on" in rows[1].problem


@pytest.mark.parametrize("header", ["userName;title", "userName\ttitle"])
def test_other_delimiters_of_spreadsheets_are_seen_in_the_header(header: str) -> None:
    delimiter = header[8]

    [row] = read([f"{header}\n", f"kim{delimiter}a,b\n"], Users(), "csv")

    assert row.entry["claims"] == {TITLE: "a,b"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"userName": "kim", "tit', "no JSON: "),
        ("[]", "a line must be a JSON object"),
        ('{"userName": 7}', "userName must be a text or a list of texts"),
        ('{"userName": ["a", "b"]}', "userName must be a text"),
        ('{"title": "Boss"}', "userName is empty"),
        ('{"userName": "k\\u0000"}', "userName has a NUL character"),
        ('{"userName": "kim", "givename": "x"}', "did you mean givenname?"),
        ('{"userName": "kim", "title": "a", "Title": "b"}', "title is there twice"),
        ('{"userName": "kim", "groups": true}', "groups must be a list of texts"),
    ],
)
def test_a_line_that_cannot_be_used_says_why(line: str, problem: str) -> None:
    [bad, good] = read([f"{line}\n", '{"userName": "lee"}\n'], Users(), "jsonl")

    assert problem in bad.problem
    assert (bad.line, good.line, good.problem) == (1, 2, "")


def test_a_nul_in_a_cell_refuses_its_row() -> None:
    [row] = read(["userName,title\n", "kim,a\0b\n"], Users(), "csv")

    assert row.problem.endswith("has a NUL character, which cannot be stored")


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_an_empty_file_is_an_error(format: str) -> None:
    with pytest.raises(BadHeader):
        read([], Users(), format)
