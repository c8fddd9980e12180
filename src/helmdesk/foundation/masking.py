"""Personal data and secrets in running text: found by shape, checksum and known names; every pattern in linear time.

`mask` makes the rendition that a provider reads whose grant does not show personal data. `secrets_in` finds what should
never have been written down, and offers it to be redacted.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from helmdesk.foundation.text import WORD, fold, spellings, stems

MAX_LENGTH = 1_000_000
MAX_KNOWN = 500
TOO_LONG = "[the rest is too long to be masked]"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """The characters from `start` up to `end`, and what they are."""

    start: int
    end: int
    kind: str


def mask(text: str, *, known: Iterable[str] = ()) -> str | None:
    """`text` with personal data replaced by what it is, in brackets; None where there is nothing to replace.

    `known` are names, addresses and numbers of the people concerned: each is found whole and by its longer words,
    however it is accented, cased or, in Russian and Greek, inflected. Addresses of machines stay: a technician needs
    them. Beyond a million characters nothing is shown.
    """
    head = text[:MAX_LENGTH]
    spans = _joined(sorted([*_known_in(head, known), *_personal_in(head)]))
    if not spans and len(text) <= MAX_LENGTH:
        return None
    masked = _replaced(head, spans)
    return masked if len(text) <= MAX_LENGTH else f"{masked}{TOO_LONG}"


def named_in(text: str, known: Iterable[str]) -> list[Span]:
    """Where `text` names one of the people concerned, in order: what `mask` finds by their names and addresses."""
    return _joined(sorted(_known_in(text[:MAX_LENGTH], known)))


def secrets_in(text: str) -> list[Span]:
    """Likely passwords, tokens and private keys in order: spans of the secret alone, not of the word before it."""
    head = text[:MAX_LENGTH]
    found = [Span(*match.span("it"), kind) for kind, pattern in _SECRETS for match in pattern.finditer(head)]
    said = [Span(*match.span("it"), "password") for match in _SAID.finditer(head) if not _is_plain_word(match["it"])]
    return _joined(sorted([*found, *said]))


def _personal_in(text: str) -> Iterator[Span]:
    for match in _EMAIL.finditer(text):
        yield Span(*match.span(), "e-mail")
    for match in _IBAN.finditer(text):
        if end := _end_of_iban(match["account"]):
            yield Span(match.start(), match.start() + end, "iban")
    for match in _CARD.finditer(text):
        if end := _end_of_card(match["number"]):
            yield Span(match.start(), match.start() + end, "card")
    for match in _PHONE_AFTER_WORD.finditer(text):
        yield Span(*match.span("number"), "phone")
    for pattern in _PHONES:
        for match in pattern.finditer(text):
            if 7 <= len(_digits(match[0])) <= 15 and not _DATE.match(match[0]):
                yield Span(*match.span(), "phone")


_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")

# Within a lookahead, since a false start must not swallow the number behind it.
_IBAN = re.compile(r"(?<![A-Za-z0-9])(?=(?P<account>[A-Za-z]{2}\d\d(?:[ \u00a0-]?[A-Za-z0-9]){11,30}))")
_IBAN_LENGTHS = dict(
    re.findall(
        r"(\w\w)(\d\d)",
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 "
        "FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 "
        "LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 "
        "SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20",
    )
)


def _end_of_iban(written: str) -> int | None:
    """How far the account number goes, by the length of its country and its check digits (ISO 13616, mod 97)."""
    places = [place for place, letter in enumerate(written) if letter.isalnum()]
    length = int(_IBAN_LENGTHS.get(written[:2].upper(), 0))
    if not length or len(places) < length:
        return None
    account = [written[place].upper() for place in places[:length]]
    number = int("".join(str(int(letter, 36)) for letter in account[4:] + account[:4]))
    return places[length - 1] + 1 if number % 97 == 1 else None


_CARD = re.compile(r"(?<![\w.-])(?=(?P<number>[2-6]\d{3}(?:[ \u00a0-]?\d){9,15}))")


def _end_of_card(written: str) -> int | None:
    """How far the number of a card goes: all 13 to 19 digits or the first 16 or 15, whose check digit fits."""
    places = [place for place, letter in enumerate(written) if letter.isdecimal()]
    for length in (len(places), *(shorter for shorter in (16, 15) if shorter < len(places))):
        end = places[length - 1] + 1
        if not written[end : end + 1].isdecimal() and _fits_luhn([int(written[place]) for place in places[:length]]):
            return end
    return None


def _fits_luhn(digits: list[int]) -> bool:
    return (sum(digits[-1::-2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])) % 10 == 0


_GAP = r"[ \u00a0./()-]{1,3}"
_PHONE_AFTER_WORD = re.compile(
    r"(?<!\w)(?:tel|fon|telefon|telefono|teléfono|telephone|phone|mobil|mobile|móvil|movil|handy|fax|whatsapp|durchwahl|"
    r"rückruf|ext|extension|anexo|тел|телефон|моб|доб|τηλ|τηλέφωνο|κιν|κινητό)(?!\w)[ .:#]{0,3}"
    r"(?:(?:nr|no|number|nummer)\b[ .:]{0,3})?"
    rf"(?P<number>(?=.?.?\d[\d ()/.\u00a0-]{{1,30}}\d)\+?\(?\d{{1,15}}(?:{_GAP}\d{{1,15}}){{0,7}})",
    re.IGNORECASE,
)
_START = r"(?<![\w+.,:/=-])"
_PHONES = tuple(
    re.compile(f"{start}{number}(?!\\w)")
    for start, number in (
        # +49 30 1234567, +49 (0)30/1234-567, 00491701234567
        (r"(?<![\w+.])", rf"(?:\+|00)[1-9]\d{{0,2}}(?:{_GAP}\d{{1,14}}|\d{{6,14}})(?:{_GAP}\d{{1,12}}){{0,6}}"),
        # 030 1234567, (0171) 123 45 67, 030/1234-56
        (_START, r"\(?0\d{1,5}\)?[ \u00a0/-]{1,3}\d{2,10}(?:[ \u00a0/-]\d{1,8}){0,5}"),
        (_START, r"01[5-7]\d{8,9}"),  # 01712345678
        (_START, r"0\d(?:[ .]\d\d){4}"),  # 01.23.45.67.89
        (_START, r"[87][ -]?\(?\d{3}\)?[ -]\d{3}[ -]\d\d[ -]?\d\d"),  # 8 (495) 123-45-67
        (_START, r"[6-9]\d\d[ -](?:\d{3}[ -]\d{3}|\d\d[ -]\d\d[ -]\d\d)"),  # 612 345 678, 612 34 56 78
        (_START, r"(?:1[ -])?\(?[2-9]\d\d\)?[ .-]\d{3}[ .-]\d{4}"),  # (555) 123-4567
        (_START, r"(?:2\d{2,3}|69\d) \d{6,7}"),  # 210 1234567
    )
)
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d\d)(?!\d)|\d{4}[./-]\d{1,2}[./-]\d{1,2}(?!\d)")


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())


_PARTICLES = frozenset(
    "and bei bin ibn dal das del dem den der des dos las les los mac mit por san the und van vom von zum zur".split()
)


def _known_in(text: str, known: Iterable[str]) -> Iterator[Span]:
    """Each known name, address or number in `text`: whole words, the longest at each place."""
    rows = _rows(known)
    if not rows:
        return
    words = [(match.start(), match.end(), _readings(match[0])) for match in WORD.finditer(text)]
    for place, (start, _, readings) in enumerate(words):
        fitting = [row for reading in readings for row in rows.get(reading, ())]
        for row, kind in sorted(fitting, key=lambda one: -len(one[0])):
            if _continues(text, words, place, row):
                yield Span(start, words[place + len(row) - 1][1], kind)
                break


def _rows(known: Iterable[str]) -> dict[str, list[tuple[tuple[frozenset[str], ...], str]]]:
    """What to look for, by each reading of its first word: rows of readings, and their kind."""
    rows: dict[str, list[tuple[tuple[frozenset[str], ...], str]]] = {}
    for one, _ in zip(known, range(MAX_KNOWN), strict=False):
        kind = _kind(one)
        words = [_readings(word) for word in WORD.findall(one)[:12]]
        alone = [[word] for word in WORD.findall(one)[:12] if kind == "name" and _stands_alone(word)]
        for row in ([tuple(words)] if words else []) + [(_readings(word[0]),) for word in alone]:
            if len(row) > 1 or kind != "name" or _long_enough(row):
                for first in row[0]:
                    rows.setdefault(first, []).append((row, kind))
    return rows


def _kind(known: str) -> str:
    if "@" in known:
        return "e-mail"
    return "phone" if sum(map(str.isdecimal, known)) > len(known) / 2 else "name"


def _stands_alone(word: str) -> bool:
    return len(word) >= 3 and fold(word) not in _PARTICLES


def _long_enough(row: tuple[frozenset[str], ...]) -> bool:
    return max(map(len, row[0])) >= 2


@lru_cache(maxsize=4096)
def _readings(word: str) -> frozenset[str]:
    """A word as it may be written: with ae or a for ä, with the s of a genitive, inflected in Russian and Greek."""
    folded = spellings(word)
    folded += (_WRITTEN_OUT.sub(r"\1", folded[-1]),)
    genitives = {one[:-1] for one in folded if len(one) > 4 and one.endswith("s")}
    inflected = frozenset() if folded[0].isascii() else stems(word)
    return frozenset({*folded, *genitives, *inflected})


def _continues(
    text: str, words: list[tuple[int, int, frozenset[str]]], place: int, row: tuple[frozenset[str], ...]
) -> bool:
    if place + len(row) > len(words):
        return False
    for step, expected in enumerate(row):
        if not words[place + step][2] & expected:
            return False
        if step and not _GAP_IN_NAME.fullmatch(text[words[place + step - 1][1] : words[place + step][0]][:5]):
            return False
    return True


_WRITTEN_OUT = re.compile("([aou])e")
_GAP_IN_NAME = re.compile(r"[\s.,'’@_+()/-]{1,4}")


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Overlapping spans as one, named after the longest: what lies under any of them must not be left over."""
    joined: list[Span] = []
    for span in spans:
        if joined and span.start < joined[-1].end:
            last = joined[-1]
            longest = max(last, span, key=lambda one: one.end - one.start)
            joined[-1] = Span(last.start, max(last.end, span.end), longest.kind)
        else:
            joined.append(span)
    return joined


def _replaced(text: str, spans: list[Span]) -> str:
    pieces, at = [], 0
    for span in spans:
        pieces += [text[at : span.start], f"[{span.kind}]"]
        at = span.end
    return "".join((*pieces, text[at:]))


_CALLED = (
    r"(?<!\w)(?:password|passwort|passwd|pwd|pw|kennwort|passphrase|contraseña|contrasena|clave|пароль|пароля|"
    r"κωδικός|κωδικος|κωδικό|mot de passe|pin|puk)"
)
_KEYS = r"(?<![^\W_])(?:(?:api|access|auth|client|secret|refresh)[ _-]?(?:key|token|secret)|token|secret)"
_EQUALS = r"[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"'“„«]?"
_IS = r"[ \t]{1,3}(?:(?:is|ist|lautet|es|это|είναι|est)[ \t]{1,3})?[\"'“„«]?"
_WORD = r"(?P<it>[^\s\"'“”„«»]{3,128})"
_VENDORS = r"gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|sk_live_|rk_live_|AIza|npm_|pypi-"
_PEM = (
    r"(?P<it>-----BEGIN (?:[A-Z]{2,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----)[\s\S]){0,20000}"
    r"(?:-----END [A-Z ]{0,40}-----)?)"
)
_SECRETS = (
    ("private key", re.compile(_PEM)),
    ("token", re.compile(r"(?<!\w)(?P<it>(?:AKIA|ASIA)[A-Z0-9]{16})(?!\w)")),
    ("token", re.compile(rf"(?<!\w)(?P<it>(?:{_VENDORS})[\w-]{{16,255}})")),
    ("token", re.compile(r"(?<![\w-])(?P<it>eyJ[\w-]{8,4000}\.[\w-]{4,4000}(?:\.[\w-]{0,4000})?)")),
    ("token", re.compile(r"(?<!\w)bearer[ \t]{1,3}(?P<it>[\w.~+/=-]{16,4000})", re.IGNORECASE)),
    ("token", re.compile(rf"{_KEYS}{_EQUALS}(?P<it>[\w.~+/=-]{{8,4000}})", re.IGNORECASE)),
    ("password", re.compile(r"(?<!\w)[a-z][a-z0-9+.-]{1,20}://[^\s:/@]{0,100}:(?P<it>[^\s/@]{1,100})@", re.IGNORECASE)),
    ("password", re.compile(rf"(?:{_CALLED}|(?<!\w)pass){_EQUALS}{_WORD}", re.IGNORECASE)),
)
_SAID = re.compile(f"{_CALLED}{_IS}{_WORD}", re.IGNORECASE)


def _is_plain_word(said: str) -> bool:
    """Tells `password is wrong` from `password is Summer2024!`, which has more than letters in it."""
    return re.sub(r"[-.,;:!?()]", "", said).isalpha()
