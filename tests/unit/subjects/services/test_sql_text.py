from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from release_gate.subjects.services.sql_text import statement

pytestmark = pytest.mark.unit

TEXT = st.text(alphabet="ab ;:'\"-/*$%\\n(),=?\n", max_size=40)


@given(TEXT)
def test_a_quoted_text_stays_as_it_is(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    found = statement(f"select {quoted} as x", {})
    assert found.text() == f"select {quoted} as x"
    assert found.pyformat() == found.text().replace("%", "%%")


@given(TEXT)
def test_what_follows_a_semicolon_is_another_statement(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    with pytest.raises(ValueError, match="more than one statement"):
        statement(f"select {quoted}; drop table t", {})


@given(TEXT)
def test_no_text_makes_two_statements_of_one(text: str) -> None:
    """Whatever is accepted holds no semicolon outside of quotes."""
    try:
        found = statement(f"select {text}", {})
    except ValueError:
        return
    assert not any(kind == "code" and ";" in piece for kind, piece in found.parts)


@pytest.mark.parametrize(
    ("query", "rendered"),
    [
        ("select :a", "select %(a)s"),
        ("select x::text, :a", "select x::text, %(a)s"),
        ("select ':a', :a -- :b\n", "select ':a', %(a)s"),
        ('select ":a" % :a', 'select ":a" %% %(a)s'),
        ("select $$:a;$$, $q$ ; $q$, :a", "select $$:a;$$, $q$ ; $q$, %(a)s"),
        (r"select E'\':a;', :a", r"select E'\':a;', %(a)s"),
        ("(select :a) union /* ; */ (select 2);;", "(select %(a)s) union   (select 2)"),
    ],
)
def test_parameters_are_found_where_they_are_code(query: str, rendered: str) -> None:
    assert statement(query, {"a": 1}).pyformat() == rendered


def test_a_word_that_ends_in_e_does_not_begin_an_escaped_text() -> None:
    with pytest.raises(ValueError, match="more than one statement"):
        statement(r"select x like'\'; drop table t", {})


@pytest.mark.parametrize(
    "query", ["insert into t values (1)", "call p()", "do $$ x $$", "copy t to stdout", "set x = 1",
              "begin", "vacuum", "; select 1", "-- nothing", "pragma writable_schema = 1"],
)  # fmt: skip
def test_what_does_not_begin_like_reading_is_refused(query: str) -> None:
    with pytest.raises(ValueError, match=r"begins with|more than one"):
        statement(query, {})


READS = ("select 1", "WITH x as (select 1) select * from x", "values (1)", "table t", "show pools")


@pytest.mark.parametrize("query", [*READS, "explain select 1", " ( SELECT 1)"])
def test_what_reads_is_accepted(query: str) -> None:
    assert statement(query, {}).text() == query.strip()
