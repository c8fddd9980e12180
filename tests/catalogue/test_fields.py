"""Own fields: the newest version counts, a value is checked by its kind, what is missing is known."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helmdesk.catalogue.fields import BadFieldValue, checked, current_fields, missing_before_resolution
from helmdesk.catalogue.models import OwnField

Kind = OwnField.Kind


def field(kind: str, *choices: str) -> OwnField:
    return OwnField(code="own", kind=kind, choices=list(choices))


@given(number=st.integers(-(10**14) + 1, 10**15 - 1))
def test_a_whole_number_comes_back_as_it_was_typed(number: int) -> None:
    assert checked(field(Kind.NUMBER), number) == checked(field(Kind.NUMBER), f" {number} ") == number


@given(day=st.dates())
def test_a_day_comes_back_as_it_was_typed(day: date) -> None:
    assert checked(field(Kind.DATE), day) == checked(field(Kind.DATE), day.isoformat()) == day.isoformat()


@given(
    kind=st.sampled_from(Kind.values), value=st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none())
)
def test_whatever_is_typed_is_stored_as_its_kind_or_refused_with_a_cure(kind: str, value: object) -> None:
    own, bad = field(kind, "red", "blue"), None
    try:
        stored = checked(own, value)
    except BadFieldValue as error:
        stored, bad = None, error
    types = {Kind.NUMBER: int, Kind.YES_NO: bool}
    assert bad is None or (bad.code, bool(bad.cure), len(str(bad)) < 300) == ("own", True, True)
    assert stored is None or type(stored) is types.get(Kind(kind), str)
    assert stored is None or checked(own, stored) == stored


@pytest.mark.parametrize("blank", [None, "", "  \n", "\t"])
def test_blank_is_no_value_for_every_kind(blank: object) -> None:
    assert [checked(field(kind, "red"), blank) for kind in Kind.values] == [None] * 5


def test_a_text_has_a_longest_and_the_refusal_does_not_repeat_it() -> None:
    assert checked(field(Kind.TEXT), "x" * 2000) == "x" * 2000
    with pytest.raises(BadFieldValue, match="At most 2000 characters") as raised:
        checked(field(Kind.TEXT), "x" * 100_000)
    assert len(str(raised.value)) < 200


def test_the_newest_version_in_use_counts(db: None) -> None:
    for version, active in ((1, True), (2, True)):
        OwnField.objects.create(code="a", version=version, active=active, personal=version == 2)
    OwnField.objects.create(code="b", version=1)
    OwnField.objects.create(code="b", version=2, active=False)
    OwnField.objects.create(code="c", version=2)
    OwnField.objects.create(code="c", version=1, active=False)
    assert {code: own.version for code, own in current_fields().items()} == {"a": 2, "c": 2}


def test_missing_is_what_the_newest_version_asks_for_and_no_and_zero_are_answers(db: None) -> None:
    for code in ("no", "zero", "blank", "none", "absent"):
        OwnField.objects.create(code=code, required_to_resolve=True)
    OwnField.objects.create(code="eased", required_to_resolve=True)
    OwnField.objects.create(code="eased", version=2)
    OwnField.objects.create(code="strict")
    OwnField.objects.create(code="strict", version=2, required_to_resolve=True)
    values = {"no": False, "zero": 0, "blank": "", "none": None, "unknown": 1}
    assert missing_before_resolution(values) == ["absent", "blank", "none", "strict"]
    everything = {code: {"t": 1} for code in ("no", "zero", "blank", "none", "absent", "strict")}
    assert missing_before_resolution(everything) == []
