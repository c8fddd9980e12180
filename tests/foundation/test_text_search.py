"""The same words are found by SQLite and by PostgreSQL, in five languages and by a slow, obvious twin."""

import csv
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helmdesk.foundation.text import (
    FTS5_TOKENIZE,
    STEM_MARK,
    Query,
    Term,
    index_terms,
    key,
    parse,
    to_fts5,
    to_tsquery,
    to_tsvector,
)

type Search = Callable[[list[str], Query], list[int]]

CORPUS = Path(__file__).parent.parent / "corpora" / "search_pairs.tsv"
PAIRS = list(csv.DictReader(CORPUS.read_text(encoding="utf-8").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
POSTGRES = os.environ.get("HELMDESK_TEST_POSTGRES") or os.environ.get("DATABASE_URL", "")

WORDS = [
    "Drucker",
    "druckern",
    "e-mail",
    "Email",
    "für",
    "fuer",
    "Wi-Fi",
    "ключ",
    "ключи",
    "10.2.0.1",
    "Windows11",
    "打印",
]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), min_size=1, max_size=4)
TYPED = st.lists(
    st.builds(
        "{}{}{}".format, st.sampled_from(["", "", "-", '"']), st.sampled_from(WORDS), st.sampled_from(["", "*", '"'])
    ),
    max_size=4,
).map(" ".join)


def search_by_twin(texts: list[str], query: Query) -> list[int]:
    return [place for place, terms in enumerate(texts) if query and _answers(terms.split(" "), query)]


def _answers(terms: list[str], query: Query) -> bool:
    return all(_has(terms, term) for term in query.all) and not any(_has(terms, term) for term in query.none)


def _has(terms: list[str], term: Term) -> bool:
    return any(_has_in_a_row(terms, list(words), term.prefix) for words in term.any)


def _has_in_a_row(terms: list[str], words: list[str], prefix: bool) -> bool:
    rows = (terms[start : start + len(words)] for start in range(len(terms)))
    return any(
        row == words or (prefix and row[:-1] == words[:-1] and row[-1].startswith(words[-1]))
        for row in rows
        if len(row) == len(words)
    )


@pytest.fixture(scope="module")
def search_by_fts5() -> Iterator[Search]:
    db = sqlite3.connect(":memory:")
    db.execute(f"CREATE VIRTUAL TABLE hay USING fts5(body, tokenize='{FTS5_TOKENIZE}')")

    def search(texts: list[str], query: Query) -> list[int]:
        db.execute("DELETE FROM hay")
        db.executemany("INSERT INTO hay (rowid, body) VALUES (?, ?)", enumerate(texts))
        found = db.execute("SELECT rowid FROM hay WHERE hay MATCH ? ORDER BY rowid", [to_fts5(query)]) if query else []
        return [row[0] for row in found]

    yield search
    db.close()


@pytest.fixture(scope="module")
def search_by_postgres() -> Iterator[Search]:
    if not POSTGRES.startswith("postgres"):
        pytest.skip("neither HELMDESK_TEST_POSTGRES nor DATABASE_URL names a PostgreSQL to compare with")
    with psycopg.connect(POSTGRES, autocommit=True) as db:
        db.execute("CREATE TEMPORARY TABLE hay (id integer, body tsvector)")

        def search(texts: list[str], query: Query) -> list[int]:
            db.execute("TRUNCATE hay")
            for place, terms in enumerate(texts):
                db.execute("INSERT INTO hay VALUES (%s, %s::tsvector)", [place, to_tsvector(terms)])
            asked = "SELECT id FROM hay WHERE body @@ %s::tsquery ORDER BY id"
            return [row[0] for row in db.execute(asked, [to_tsquery(query)])] if query else []

        yield search


def _verdicts(search: Search) -> list[tuple[str, str, str]]:
    wrong = []
    for pair in PAIRS:
        found = search([index_terms(pair["text"])], parse(pair["typed"])) == [0]
        if found != (pair["found"] != "no"):
            wrong.append((pair["language"], pair["typed"], pair["text"]))
    return wrong


def test_sqlite_finds_each_word_in_its_other_forms(search_by_fts5: Search) -> None:
    assert _verdicts(search_by_fts5) == []


@pytest.mark.database
def test_postgres_finds_each_word_in_its_other_forms(search_by_postgres: Search) -> None:
    assert _verdicts(search_by_postgres) == []


def test_the_corpus_asks_for_other_forms_than_the_text_has() -> None:
    same = [pair for pair in PAIRS if pair["found"] == "yes" and pair["typed"] in pair["text"].split()]
    assert same == []
    for language in ("de", "es", "ru", "el"):
        assert sum(pair["language"] == language and pair["found"] == "yes" for pair in PAIRS) >= 50


def test_what_stems_find_too_much_is_known_and_rare() -> None:
    assert sum(pair["found"] == "over" for pair in PAIRS) <= 7


@given(texts=TEXTS, typed=TYPED)
@settings(max_examples=150, deadline=None)
def test_sqlite_answers_as_the_obvious_twin(search_by_fts5: Search, texts: list[str], typed: str) -> None:
    hay = [index_terms(one) for one in texts]
    assert search_by_fts5(hay, parse(typed)) == search_by_twin(hay, parse(typed))


@pytest.mark.database
@given(texts=TEXTS, typed=TYPED)
@settings(max_examples=100, deadline=None)
def test_postgres_answers_as_the_obvious_twin(search_by_postgres: Search, texts: list[str], typed: str) -> None:
    hay = [index_terms(one) for one in texts]
    assert search_by_postgres(hay, parse(typed)) == search_by_twin(hay, parse(typed))


@pytest.mark.database
@given(text=st.text(max_size=60), typed=st.text(max_size=60))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_engines_take_any_text_and_any_question(
    search_by_fts5: Search, search_by_postgres: Search, text: str, typed: str
) -> None:
    hay = [index_terms(text)]
    assert (
        search_by_fts5(hay, parse(typed)) == search_by_postgres(hay, parse(typed)) == search_by_twin(hay, parse(typed))
    )


@given(st.text(max_size=40).filter(lambda text: bool(parse(text))))
def test_every_text_is_found_by_its_own_words(text: str) -> None:
    quoted = " ".join(f'"{word}"' for word in text.split())
    assert search_by_twin([index_terms(text)], parse(quoted)) == [0] or not parse(quoted)


@pytest.mark.parametrize("part", ["10.20.8.0/24", "10.20.8.0", "20.8", "10"])
def test_an_address_is_found_whole_and_by_part(search_by_fts5: Search, part: str) -> None:
    assert search_by_fts5([index_terms("route 10.20.8.0/24 via vpn"), index_terms("10.2.80.24")], parse(part))[0] == 0


@pytest.mark.parametrize("typed", ["INC0012345", "inc0012345", "0012345", "12345", "INC001*"])
def test_a_number_is_found_whole_and_without_its_letters(search_by_fts5: Search, typed: str) -> None:
    assert search_by_fts5([index_terms("see INC0012345"), index_terms("see INC0012399")], parse(typed))[:1] == [0]


@pytest.mark.database
def test_a_guest_finds_only_what_their_scopes_hold(search_by_fts5: Search, search_by_postgres: Search) -> None:
    hay = [f"{index_terms('The printer is jammed, øscope1')} {key('scope', scope)}" for scope in (1, 12, 2)]
    for search in (search_by_fts5, search_by_postgres, search_by_twin):
        assert search(hay, parse("printers")) == [0, 1, 2]
        assert search(hay, parse("printers").within(key("scope", 1), key("scope", 2))) == [0, 2]
        assert search(hay, parse("printers").within()) == []
        assert search(hay, parse('"øscope12"')) == search(hay, parse(f"{STEM_MARK}print*")) == []


@pytest.mark.database
def test_a_text_at_every_bound_is_taken_by_postgres(search_by_postgres: Search) -> None:
    endless = index_terms(" ".join(f"слово{number:x}" * 4 for number in range(30_000)) + " end" * 400)
    assert search_by_postgres([endless], parse("слово0*")) == [0]
