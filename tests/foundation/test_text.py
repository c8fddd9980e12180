"""What becomes of words: folded, cut, stemmed and asked for."""

import re
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from helmdesk.foundation import text
from helmdesk.foundation.text import (
    Query,
    Term,
    fold,
    index_terms,
    key,
    parse,
    spellings,
    stems,
    to_fts5,
    to_tsquery,
    tokens,
)

ANY_TEXT = st.text(max_size=80)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("STRAẞE Straße", "strasse strasse"),
        ("Ёлка, учётная", "елка, учетная"),
        ("рабочий Рабочии\u0306", "рабочий рабочий"),
        ("ΚΩΔΙΚΌΣ κωδικός", "κωδικοσ κωδικοσ"),
        ("ΐ Ὀδυσσεύς", "ι οδυσσευσ"),
        ("Ångström øre Łódź Đorđe cœur encyclopædia", "angstrom ore lodz dorde coeur encyclopaedia"),
        ("ﬁle ﬂow", "file flow"),
        ("Ｗｉｎｄｏｗｓ", "windows"),
        ("Müller Mu\u0308ller", "muller muller"),
        ("pass\u00adword pass\u200bword", "password password"),
        ("İstanbul ısı", "istanbul isi"),
        ("हिन्दी", "हिन्दी"),
    ],
)
def test_two_spellings_of_one_word_fold_to_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(ANY_TEXT)
def test_folding_twice_changes_nothing_more(written: str) -> None:
    assert fold(fold(written)) == fold(written)


@given(ANY_TEXT)
def test_folding_does_not_care_how_accents_are_encoded(written: str) -> None:
    assert fold(unicodedata.normalize("NFD", written)) == fold(unicodedata.normalize("NFC", written))


@given(ANY_TEXT)
def test_no_folded_word_can_begin_with_a_mark(written: str) -> None:
    assert not {text.STEM_MARK, text.KEY_MARK} & set(fold(written))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("INC0012345 is down", ["inc0012345", "is", "down"]),
        ("10.20.8.0/24", ["10", "20", "8", "0", "24"]),
        ("anna@mail.example.com", ["anna", "mail", "example", "com"]),
        ("KB-123: file.name.pdf", ["kb", "123", "file", "name", "pdf"]),
        ("l'imprimante ERR_TIMED_OUT", ["l", "imprimante", "err", "timed", "out"]),
        ("打印机 offline", ["打", "印", "机", "offline"]),
        ("\x00\ud800 -- …", []),
    ],
)
def test_words_come_in_their_order_and_by_part(written: str, words: list[str]) -> None:
    assert tokens(written) == words


@given(ANY_TEXT)
@example("0\u0a29")
@example("\u0e01\u0e3b")
def test_a_term_holds_nothing_that_an_engine_would_split(written: str) -> None:
    for term in index_terms(written).split(" ") if index_terms(written) else []:
        assert 1 <= len(term) <= text.MAX_TOKEN + 1
        assert not re.search(r"[\x00-/:-@\[-`{-\x7f]", term)
        assert not any(unicodedata.category(letter)[0] in "ZC" for letter in term)


def test_umlauts_are_found_written_out() -> None:
    assert spellings("Müller") == ("muller", "mueller")
    assert spellings("printer") == ("printer",)
    assert stems("Bücher") & stems("buecher") & stems("buch")


def test_stems_follow_the_script() -> None:
    assert stems("connections") >= {"connect"}
    assert stems("принтеров") == {"принтер"}
    assert stems("οθόνες") == {"οθον"}
    assert stems("10") == stems("ab") == frozenset()


def test_a_desk_chooses_its_latin_languages() -> None:
    assert stems("imprimantes", ("french",)) == {"imprim"}
    assert "ßimprim" in index_terms("imprimantes", ("french",)).split()


def test_stems_stand_behind_the_words_so_that_phrases_stay_whole() -> None:
    words = index_terms("Neue Drucker, neue Kabel").split()
    assert words[:4] == ["neue", "drucker", "neue", "kabel"]
    assert all(term.startswith(text.STEM_MARK) for term in words[4:])
    assert len(words[4:]) == len(set(words[4:]))


def test_the_longest_text_still_fits_a_tsvector() -> None:
    terms = index_terms(" ".join(f"{number:x}слово" * 9 for number in range(30_000)))
    assert len(terms.encode()) <= text.MAX_TERM_BYTES


def test_a_typed_line_is_words_phrases_prefixes_and_exclusions() -> None:
    query = parse('drucker "neues papier" pap* -toner -"zweiter stock"')
    assert [term.any[0] for term in query.all] == [("drucker",), ("neues", "papier"), ("pap",)]
    assert [term.prefix for term in query.all] == [False, False, True]
    assert [term.any[0] for term in query.none] == [("toner",), ("zweiter", "stock")]
    assert ("ßdruck",) in query.all[0].any
    assert query.all[1].any == (("neues", "papier"),)


@pytest.mark.parametrize("typed", ["", "  ", "-", '"', '""', "*", "-toner", "\x00", "…", '-"a b"'])
def test_a_line_that_looks_for_nothing_is_false_and_empty(typed: str) -> None:
    query = parse(typed)
    assert not query
    assert to_fts5(query) == to_tsquery(query) == ""
    assert query.within(key("scope", 1)) == query


def test_quotation_marks_of_other_countries_and_open_ends_work() -> None:
    phrase = Query((Term((("neuer", "drucker"),)),))
    assert parse("„neuer Drucker“") == parse("«neuer Drucker»") == parse('"neuer drucker') == phrase


def test_a_hyphen_inside_a_word_excludes_nothing() -> None:
    query = parse("e-mail")
    assert query.none == ()
    assert query.all[0].any[0] == ("e", "mail")
    assert ("email",) in query.all[0].any


def test_a_star_after_one_letter_is_not_a_prefix() -> None:
    assert not parse("a*").all[0].prefix


def test_a_question_is_bounded_in_length_and_number() -> None:
    assert len(parse(" ".join(f"wort{number}" for number in range(500))).all) == text.MAX_TERMS
    assert parse("x" * 100_000).all[0].any[0] == ("x" * text.MAX_TOKEN,)
    assert len(parse("same " * 50).all) == 1


@given(st.one_of(ANY_TEXT, st.text("ab ß\"„-*(){}:\\'&|!<>ÄО", max_size=80)))
def test_anything_can_be_typed(typed: str) -> None:
    query = parse(typed)
    assert bool(to_fts5(query)) == bool(to_tsquery(query)) == bool(query)


def test_no_name_of_a_column_can_carry_a_query() -> None:
    assert to_fts5(parse("10"), ("subject", "body")).startswith("{subject body} : (")
    with pytest.raises(ValueError, match="not names of columns"):
        to_fts5(parse("10"), ("body} OR {secret",))


@pytest.mark.parametrize(
    "hostile", ["a-" * 50_000, "a\u0301" * 50_000, "打" * 100_000, '"' * 100_000, "ge" * 50_000, "ά" * 100_000]
)
def test_the_worst_text_takes_no_longer_than_its_length(hostile: str) -> None:
    start = time.process_time()
    index_terms(hostile)
    parse(hostile)
    assert time.process_time() - start < 2
