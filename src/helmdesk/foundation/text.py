"""Words: how a text is folded, cut into index terms, and asked for, alike on SQLite and PostgreSQL.

Neither database cuts or stems anything itself. `index_terms` writes a text as words with blanks between: first its
folded words in their order (so phrases work), then its stems, each behind `STEM_MARK`. SQLite indexes that line with
`tokenize="ascii"` (`FTS5_TOKENIZE`), PostgreSQL as the `tsvector` that `to_tsvector` writes from it. `parse` reads what
a person types, and `to_fts5` and `to_tsquery` ask the same question of each.

A change to what a text becomes raises `FOLD_VERSION`, which makes the desk index again.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import Stemmer

FOLD_VERSION = 1
FTS5_TOKENIZE = "ascii"
LATIN_LANGUAGES = ("english", "german", "spanish")

# fold() writes these two as "ss" and "o", so that no word that anybody writes can begin with them.
STEM_MARK = "ß"
KEY_MARK = "ø"

MAX_TOKEN = 64
MAX_WORDS = 16_000  # a tsvector holds 16,383 positions
MAX_TERM_BYTES = 640_000  # and 1 MB in all
MAX_TYPED = 500
MAX_TERMS = 16
MIN_PREFIX = 2

_INVISIBLE = "\u00ad\u200b-\u200d\u2060\ufeff"
_ACCENTS = "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f"
_INDIC = "".join(letter for letter in map(chr, range(0x0980, 0x0E00)) if unicodedata.category(letter) != "Cn")
_VOWEL_SIGNS = f"\u0900-\u0963{_INDIC}\u0e31-\u0e3a\u0e40-\u0e4e\u3099\u309a"
_MARKS = f"{_ACCENTS}{_VOWEL_SIGNS}{_INVISIBLE}"
_RUN = rf"[^\W_]+(?:[{_MARKS}]+[^\W_]*)*"
_HYPHENS = "-\u2010\u2011"
WORD = re.compile(_RUN)
_COMPOUND = re.compile(rf"{_RUN}(?:[{_HYPHENS}]{_RUN})*")
_UNSPACED_SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNSPACED = re.compile(f"[{_UNSPACED_SIGNS}]|[^{_UNSPACED_SIGNS}]+")
_INVISIBLES = re.compile(f"[{_INVISIBLE}]")
_LETTERS_THEN_DIGITS = re.compile(r"([^\W\d_]{2,})(\d+)")

_LATIN = re.compile(r"[a-z\u00df-\u024f\u1e00-\u1eff]{3,40}")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]{3,40}")
_GREEK = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]{3,40}")

_BASE_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i", "ŧ": "t",
     "ŋ": "n", "ĸ": "k", "ſ": "s", "ς": "σ", "ё": "е", "ґ": "г"}
)  # fmt: skip
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})


def fold(text: str) -> str:
    """`text` in lower case and without accents, so that two spellings of one word become equal.

    й and ї stay letters of their own, as their readers hold them; ё becomes е.
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", _INVISIBLES.sub("", text).casefold()).casefold()
    text = text.replace("и\u0306", "й").replace("і\u0308", "ї")
    text = "".join(letter for letter in text if not _is_accent(letter))
    return unicodedata.normalize("NFC", text).translate(_BASE_LETTERS)


def spellings(word: str) -> tuple[str, ...]:
    """The folded `word`, and its form with ae, oe, ue for ä, ö, ü where it has them."""
    folded = fold(word)
    if word.isascii():
        return (folded,)
    written_out = fold(unicodedata.normalize("NFC", _INVISIBLES.sub("", word)).casefold().translate(_TWO_LETTERS))
    return (folded,) if written_out == folded else (folded, written_out)


def stems(word: str, languages: tuple[str, ...] = LATIN_LANGUAGES) -> frozenset[str]:
    """The folded stems of a single `word`, by its script: Cyrillic, Greek, or each of the Latin `languages`."""
    plain = unicodedata.normalize("NFC", _INVISIBLES.sub("", word)).casefold()
    if _LATIN.fullmatch(plain):
        forms = {plain, *spellings(plain)}
        return frozenset(
            fold(stem) for language in languages for form in forms for stem in _latin_stems(form, language)
        )
    if _CYRILLIC.fullmatch(plain):
        return frozenset(_russian_stems(fold(plain)))
    if _GREEK.fullmatch(plain):
        return frozenset(_greek_stems(fold(plain)))
    return frozenset()


def tokens(text: str) -> list[str]:
    """The folded words of `text` in order. What dots, slashes or hyphens join is found by its parts in a row."""
    return [word for compound in _COMPOUND.findall(text) for word in _analyse(compound, LATIN_LANGUAGES)[0]]


def index_terms(text: str, languages: tuple[str, ...] = LATIN_LANGUAGES) -> str:
    """What to index for `text`: its words, then its marked stems. Words after the first 16,000 are not searchable."""
    words: list[str] = []
    extras: set[str] = set()
    for compound in _COMPOUND.findall(text):
        analyse = _analyse if len(compound) <= 2 * MAX_TOKEN else _analyse.__wrapped__
        found, more = analyse(compound, languages)
        words += found
        extras.update(more)
        if len(words) >= MAX_WORDS:
            break
    terms = " ".join((*words[:MAX_WORDS], *sorted(extras)))
    if len(terms) * 4 > MAX_TERM_BYTES:
        terms = _cut_at_a_blank(terms)
    return terms


def key(kind: str, number: int) -> str:
    """A term such as a scope or an audience, to be appended to index terms; no typed word can ever equal it."""
    return f"{KEY_MARK}{kind}{number}"


@dataclass(frozen=True, slots=True)
class Term:
    """Matches where any of its sequences of words does; with `prefix`, the last word may go on."""

    any: tuple[tuple[str, ...], ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """All of `all` and none of `none`. A query that looks for nothing is false, and renders as an empty string."""

    all: tuple[Term, ...] = ()
    none: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.all)

    def within(self, *keys: str) -> "Query":
        """The same query, only where at least one of `keys` was indexed too; without any key, nowhere."""
        if not self:
            return self
        return replace(self, all=(*self.all, Term(tuple((one,) for one in keys or (KEY_MARK,)))))


def parse(typed: str, languages: tuple[str, ...] = LATIN_LANGUAGES) -> Query:
    """Read what a person typed: `word`, `"a phrase"`, `prefix*`, `-excluded`. Anything can be read; nothing raises."""
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for minus, piece, quoted in _pieces(typed[:MAX_TYPED]):
        term = _phrase(piece) if quoted else _word(piece, languages)
        side = unwanted if minus else wanted
        if term is not None and term not in side:
            side.append(term)
        if len(wanted) + len(unwanted) == MAX_TERMS:
            break
    return Query(tuple(wanted), tuple(unwanted))


def to_fts5(query: Query, columns: tuple[str, ...] | None = None) -> str:
    """The query for `MATCH` on a table made with `tokenize="ascii"`, in `columns` or all of them."""
    if not query:
        return ""
    asked = " AND ".join(map(_fts5_term, query.all))
    if query.none:
        asked = f"({asked}) NOT ({' OR '.join(map(_fts5_term, query.none))})"
    if columns is not None:
        if not all(re.fullmatch(r"[A-Za-z_]\w*", column, re.ASCII) for column in columns):
            raise ValueError(f"not names of columns: {columns!r}")
        asked = f"{{{' '.join(columns)}}} : ({asked})"
    return asked


def to_tsquery(query: Query) -> str:
    """The query to be cast with `::tsquery`, which, unlike to_tsquery(), cuts and stems nothing."""
    if not query:
        return ""
    return " & ".join((*map(_ts_term, query.all), *(f"!{_ts_term(term)}" for term in query.none)))


def to_tsvector(terms: str) -> str:
    """What `index_terms` gave, to be cast with `::tsvector`: words with their positions, stems and keys without."""
    places: dict[str, list[int]] = {}
    for position, term in enumerate(terms.split(" "), 1):
        if term:
            places.setdefault(term, []).append(position)
    return " ".join(_lexeme(term, positions) for term, positions in places.items())


def _is_accent(letter: str) -> bool:
    # Voicing marks of kana (8) and viramas (9) are no accents; vowel signs have class 0.
    return unicodedata.combining(letter) >= 10


@cache
def _stemmer(language: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(language, 0)


_SEPARABLE = (
    "zurueck|zurück|zuruck|zusammen|herunter|runter|hinunter|unter|durch|weiter|wieder|vor|nach|ab|an|auf|aus|bei|ein|"
    "fest|frei|fern|fort|her|hin|hoch|los|mit|neu|um|weg|zu"
)
_PARTICIPLE = re.compile(rf"({_SEPARABLE})?(?:ge)([^\W\d_]{{2,}}?(?:t|en))(?:e[mnrs]?)?")
_INFINITIVE_WITH_ZU = re.compile(rf"({_SEPARABLE})zu([^\W\d_]{{2,}}n)")
_VERB_IN_T = re.compile(r"([^\W\d_]{5,})t|([^\W\d_]{4,})et")

# abrir, abre, entrar, entró: too short for Snowball, which looks for endings only after the second vowel.
_SHORT_SPANISH_VERB = re.compile(
    r"([aeiou][^aeiou\W\d_]{2,3})(?:[ai]r|[aeo]|[ae][ns]|[ai]mos|[ai]d[oa]s?|ando|iendo|aba[ns]?|[íi]a[ns]?|i?ó|[éí])"
)


def _latin_stems(word: str, language: str) -> Iterator[str]:
    stem = _stemmer(language).stemWord
    yield stem(word)
    if language == "german":
        yield from map(stem, _german_infinitives(word))
    if language == "spanish":
        yield stem(word).removesuffix("e")  # bloqueó, bloquear
        if match := _SHORT_SPANISH_VERB.fullmatch(word):
            yield match[1]


def _german_infinitives(word: str) -> Iterator[str]:
    """What Snowball leaves alone: gedruckt, eingerichtet, meldet and anzumelden lead to drucken, einrichten, …"""
    if match := _INFINITIVE_WITH_ZU.fullmatch(word):
        yield match[1] + match[2]
    if match := _PARTICIPLE.fullmatch(word):
        word = (match[1] or "") + match[2]
        yield word
    if match := _VERB_IN_T.fullmatch(word):
        yield match[1] or match[2]


_FLEETING = re.compile(r"([^\W\d_]+[бвгджзклмнпрстфхцчшщ])[ое]к")
_FLEETING_J = re.compile(r"([^\W\d_]+[аоуыияеюэ])ек")
_FLEETING_ELSE = {"писем": "письм", "окон": "окн", "чисел": "числ", "кресел": "кресл"}


def _russian_stems(word: str) -> Iterator[str]:
    """Snowball's stem; of папок, настроек, писем the one of папка, настройка, письмо; of печать not as of a verb."""
    yield fold(_stemmer("russian").stemWord(word))
    if match := _FLEETING.fullmatch(word):
        yield match[1] + "к"
    if match := _FLEETING_J.fullmatch(word):
        yield match[1] + "йк"
    if word in _FLEETING_ELSE:
        yield _FLEETING_ELSE[word]
    if word.endswith("ь"):
        yield word[:-1]


_GREEK_ENDING = re.compile(
    r"([^\W\d_]{3,}?)(?:(?<=μα)τ(?:οσ|α|ων)|ι?(?:ουσ|εων|ων|εισ|εωσ|ουμε|ουν|εται|ονται|ετε|οσ|ου|ον|εσ|ησ|ασ|οι|ει|"
    r"[οηαιεω])|ι)"
)


def _greek_stems(word: str) -> Iterator[str]:
    """Snowball's stem, and the word less its ending: Snowball gives κωδικός, κωδικό and κωδικών three."""
    yield fold(_stemmer("greek").stemWord(word))
    if match := _GREEK_ENDING.fullmatch(word):
        yield match[1].removesuffix("μα")


@lru_cache(maxsize=16_384)
def _analyse(compound: str, languages: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of a compound in order, and the marked terms that it is found by besides."""
    words: list[str] = []
    extras: set[str] = set()
    parts = WORD.findall(compound)
    for part in parts:
        folded = _cut_unspaced(fold(part))
        words += folded
        if len(folded) == 1:
            extras |= _forms(part, languages) - {folded[0]}
    if 1 < len(parts) <= 4:
        extras |= _forms("".join(parts), languages)
    return tuple(words), tuple(STEM_MARK + extra for extra in extras)


def _forms(word: str, languages: tuple[str, ...]) -> set[str]:
    """Each folded form under which a word may be asked for: its spellings, its stems, the parts of Windows11."""
    forms = {*spellings(word), *stems(word, languages)}
    if match := _LETTERS_THEN_DIGITS.fullmatch(fold(word)):
        letters, digits = match.groups()
        forms |= {letters, *stems(letters, languages), digits, digits.lstrip("0")}
    return {form[:MAX_TOKEN] for form in forms if form}


def _cut_unspaced(folded: str) -> list[str]:
    """Chinese and Japanese are indexed sign by sign, since nothing shows where a word ends."""
    if folded.isascii():
        return [folded[:MAX_TOKEN]]
    return [piece[:MAX_TOKEN] for run in WORD.findall(folded) for piece in _UNSPACED.findall(run)]


def _cut_at_a_blank(terms: str) -> str:
    raw = terms.encode()
    if len(raw) <= MAX_TERM_BYTES:
        return terms
    return raw[: raw.rindex(b" ", 0, MAX_TERM_BYTES)].decode()


_PIECE = re.compile(r'(?P<minus>(?<!\S)-)?(?:["„“”«»](?P<phrase>[^"„“”«»]*)["„“”«»]?|(?P<word>[^\s"„“”«»]+))')


def _pieces(typed: str) -> Iterator[tuple[bool, str, bool]]:
    for match in _PIECE.finditer(typed):
        quoted = match["phrase"] is not None
        yield match["minus"] is not None, match["phrase"] if quoted else match["word"], quoted


def _phrase(piece: str) -> Term | None:
    words = tuple(tokens(piece))
    return Term((words,)) if words else None


def _word(piece: str, languages: tuple[str, ...]) -> Term | None:
    words = tuple(tokens(piece))
    if not words:
        return None
    compounds = _COMPOUND.findall(piece)
    parts = WORD.findall(piece)
    prefix = piece.endswith("*") and len(words[-1]) >= MIN_PREFIX
    sequences = {words: None}
    if len(compounds) == 1 and len(parts) <= 4 and len(words) == len(parts):
        joined = "".join(parts)
        forms = set(spellings(joined)) if prefix else {*spellings(joined), *stems(joined, languages)}
        for form in sorted(form[:MAX_TOKEN] for form in forms):
            sequences |= {(form,): None, (STEM_MARK + form,): None}
        if (match := _LETTERS_THEN_DIGITS.fullmatch(fold(joined))) and not prefix:
            sequences |= {match.groups(): None}
    return Term(tuple(sequences), prefix)


def _fts5_term(term: Term) -> str:
    star = " *" if term.prefix else ""
    phrases = [f'"{" ".join(words)}"{star}' for words in term.any]
    return phrases[0] if len(phrases) == 1 else f"({' OR '.join(phrases)})"


def _ts_term(term: Term) -> str:
    star = ":*" if term.prefix else ""
    phrases = [" <-> ".join(f"'{word}'" for word in words) + star for words in term.any]
    return f"({' | '.join(f'({phrase})' for phrase in phrases)})"


def _lexeme(term: str, positions: list[int]) -> str:
    if term[0] in (STEM_MARK, KEY_MARK):
        return f"'{term}'"
    return f"'{term}':{','.join(map(str, positions[:255]))}"
