"""What a stranger reads instead of personal data, and which secrets are offered to be redacted."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmdesk.foundation import masking
from helmdesk.foundation.masking import mask, secrets_in


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("Write to anna.k+desk@mail.example.com.", "Write to [e-mail]."),
        ("<Anna@Example.COM>,bob@example.org", "<[e-mail]>,[e-mail]"),
        ("x" * 90 + "@example.com", "[e-mail]"),
        ("Call +49 30 1234567 please", "Call [phone] please"),
        ("Tel.: +49 (0)30/1234-567", "Tel.: [phone]"),
        ("0049 171 2345678 or 030/1234567", "[phone] or [phone]"),
        ("mobil 01712345678", "mobil [phone]"),
        ("llámame al 612 34 56 78", "llámame al [phone]"),
        ("móvil 612345678", "móvil [phone]"),
        ("звоните 8 (495) 123-45-67", "звоните [phone]"),
        ("тел. 123-45-67", "тел. [phone]"),
        ("τηλ: 210 1234567", "τηλ: [phone]"),
        ("(555) 123-4567, ext. 4711", "[phone], ext. [phone]"),
        ("01 23 45 67 89", "[phone]"),
        ("Durchwahl 123", "Durchwahl [phone]"),
        ("IBAN DE89 3704 0044 0532 0130 00 bitte", "IBAN [iban] bitte"),
        ("gb82west12345698765432", "[iban]"),
        ("case AB12 DE89370400440532013000", "case AB12 [iban]"),
        ("card 4111 1111 1111 1111 12/27", "card [card] 12/27"),
        ("378282246310005", "[card]"),
    ],
)
def test_personal_data_is_replaced_by_what_it_is(written: str, masked: str) -> None:
    assert mask(written) == masked


@pytest.mark.parametrize(
    "written",
    [
        "",
        "INC0012345 since 2024-01-15 10:30, again 15.01.2024 08:15 and 01/02/2024",
        "Route 10.20.8.0/24, gateway 192.168.100.254, fe80::1",
        "Error 0x80070005 in version 10.0.19045.3803, KB5005565",
        "Order 000123456789, 4711 0815, serial 1234567890123456",
        "00:1A:2B:3C:4D:5E 550e8400-e29b-41d4-a716-446655440000",
        "GB82 WEST 1234 5698 7654 33 has a wrong check digit",
        "4111 1111 1111 1112 too",
        "1700000000000 ms, 1,234,567.89 EUR, 100 000 rows",
        "@anna or anna@ or a@b",
        "see /news/2021/09/09/4-1-68-Final.html",
        "Phone 11 Pro and telephony 2.0",
    ],
)
def test_what_a_technician_needs_stays(written: str) -> None:
    assert mask(written) is None


@pytest.mark.parametrize(
    ("written", "known", "masked"),
    [
        ("Anna Müller called", ["Anna Müller"], "[name] called"),
        ("ANNA  MUELLER called, so did anna", ["Anna Müller"], "[name] called, so did [name]"),
        ("Frau Muller und Herr Mu\u0308ller", ["Mueller"], "Frau [name] und Herr [name]"),
        ("Annas Laptop, Müllers Maus", ["Anna Müller"], "[name] Laptop, [name] Maus"),
        ("Müller, Anna", ["Anna Müller"], "[name], [name]"),
        ("Müllerstraße and Annabel", ["Anna Müller"], None),
        ("Ο χρήστης Παπαδόπουλος, της Παπαδόπουλου", ["ΠΑΠΑΔΌΠΟΥΛΟΣ"], "Ο χρήστης [name], της [name]"),
        ("у Петра Иванова и Ивановой, Семёнову", ["Иванов", "Семенов"], "у Петра [name] и [name], [name]"),
        ("Maria de la Cruz wrote de la nada", ["Maria de la Cruz"], "[name] wrote de la nada"),
        ("José O'Neill-García", ["Jose O’Neill Garcia"], "[name]"),
        ("Hans Peter and Hans", ["Hans", "Hans Peter"], "[name] and [name]"),
        ("pa\u200bss An\u200bna", ["Anna"], "pa\u200bss [name]"),
        ("anna (at) home, ANNA-PC", ["anna@home"], None),
        ("Ask Bo", ["Bo"], "Ask [name]"),
        ("Ask Joerg Groß, Jörg Gross or Jorg", ["Jörg Groß"], "Ask [name], [name] or [name]"),
        ("nothing", ["", " ", "-", "x"], None),
    ],
)
def test_known_names_are_found_however_they_are_written(written: str, known: list[str], masked: str | None) -> None:
    assert mask(written, known=known) == masked


def test_an_address_with_a_known_name_in_it_is_one_address() -> None:
    assert mask("anna@example.com", known=["Anna", "anna@example.com"]) == "[e-mail]"


def test_nothing_is_left_over_where_two_finds_overlap() -> None:
    assert mask("+49 30 1234567 Anna@example.com", known=["1234567 Anna"]) == "[phone]"


def test_what_is_too_long_to_be_masked_is_not_shown() -> None:
    masked = mask("a " * masking.MAX_LENGTH + "anna@example.com")
    assert masked is not None
    assert masked.endswith(masking.TOO_LONG)
    assert "anna" not in masked


@given(st.text(max_size=60), st.text(max_size=60))
def test_an_address_is_masked_wherever_it_stands(before: str, after: str) -> None:
    masked = mask(f"{before} anna@mail.example.com {after}")
    assert masked is not None
    assert "anna@mail.example.com" not in masked


@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=5))
def test_any_text_and_any_names_can_be_given(written: str, known: list[str]) -> None:
    masked = mask(written, known=known)
    assert masked is None or masked != written


@given(st.lists(st.sampled_from(["Anna", "Krause", "krause", "Drucker", "druckt", "ß", ",", "-", "\n"]), max_size=12))
def test_no_known_name_is_left_as_a_word(pieces: list[str]) -> None:
    masked = mask(" ".join(pieces), known=["Anna Krause"]) or " ".join(pieces)
    assert not {"anna", "krause"} & {word.lower() for word in masked.split()}


@pytest.mark.parametrize(
    ("written", "secret", "kind"),
    [
        ("Password: Summer2024!", "Summer2024!", "password"),
        ("password=hunter2", "hunter2", "password"),
        ("Passwort: geheim", "geheim", "password"),
        ("Mein Passwort ist Sommer2024!", "Sommer2024!", "password"),
        ("my password Tr0ub4dor&3 fails", "Tr0ub4dor&3", "password"),
        ("la contraseña es Verano_23", "Verano_23", "password"),
        ("пароль: Лето2024", "Лето2024", "password"),
        ("ο κωδικός είναι Kal0kairi", "Kal0kairi", "password"),
        ('{"pwd": "x9y z"}', "x9y", "password"),
        ("PIN 4711", "4711", "password"),
        ("postgresql://desk:s3cret@db/desk", "s3cret", "password"),
        ("api_key = 'abcdef1234567890'", "abcdef1234567890", "token"),
        ("Authorization: Bearer abcdef.ghijkl-mnopqr", "abcdef.ghijkl-mnopqr", "token"),
        ("AWS AKIAIOSFODNN7EXAMPLE here", "AKIAIOSFODNN7EXAMPLE", "token"),
        ("ghp_" + "a1" * 18, "ghp_" + "a1" * 18, "token"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "token"),
    ],
)
def test_a_likely_secret_is_offered_alone(written: str, secret: str, kind: str) -> None:
    assert [(written[span.start : span.end], span.kind) for span in secrets_in(written)] == [(secret, kind)]


def test_a_private_key_is_offered_whole() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: AES-128-CBC,00\n\nMIIE+/=\n-----END RSA PRIVATE KEY-----"
    spans = secrets_in(f"here:\n{key}\nthanks")
    assert [(f"here:\n{key}\nthanks"[span.start : span.end], span.kind) for span in spans] == [(key, "private key")]


@pytest.mark.parametrize(
    "written",
    [
        "My password is wrong",
        "Mein Passwort ist abgelaufen.",
        "Please reset the password, thanks",
        "password policy",
        "Received-SPF: pass (mta1007.mail)",
        "El compás es azul",
        "https://example.com:8080/path@home",
        "the token expired",
        "",
    ],
)
def test_talk_of_passwords_is_no_secret(written: str) -> None:
    assert secrets_in(written) == []


HOSTILE = [
    "a" * 400_000,
    "a@" * 200_000,
    "a.a-" * 100_000,
    "1 " * 200_000,
    "+1" * 200_000,
    "00 00 " * 60_000,
    "(" * 400_000,
    "DE89 " * 80_000,
    "4111" * 100_000,
    "4 1 1 1 " * 50_000,
    "tel " * 100_000,
    "tel.1-" * 60_000,
    "password is " * 33_000,
    "token=" * 60_000,
    "eyJa" * 100_000,
    "eyJaaaaaaaa." * 33_000,
    "-----BEGIN PRIVATE KEY-----" * 15_000,
    "-----BEGIN PRIVATE KEY-----" + "a" * 400_000,
    "a://b:" * 60_000,
    "Anna " * 80_000,
    "a\u0308" * 200_000,
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_the_worst_text_takes_time_in_step_with_its_length(hostile: str) -> None:
    start = time.process_time()
    mask(hostile, known=["Anna Anna Anna Anna Krause", "Anna Bauer"])
    secrets_in(hostile)
    assert time.process_time() - start < 5
