"""Own fields and the priority matrix, version by version: none is ever changed, the next one is added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helmdesk.catalogue.matrix import current_matrix
from helmdesk.catalogue.models import OwnField, PriorityMatrix
from helmdesk.foundation.entries import checked_code, checked_name, checked_words
from helmdesk.foundation.errors import BadEntry
from helmdesk.foundation.time import to_us
from helmdesk.ledger.chain import Stamp
from helmdesk.ledger.changing import changing

MOST_CHOICES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEntry:
    """What a field of the company's own asks for. A personal one is a text, which can be forgotten."""

    name: str | Mapping[str, str]
    kind: str = OwnField.Kind.TEXT
    choices: Sequence[str] = ()
    required_to_resolve: bool = False
    personal: bool = False
    searchable: bool = False
    active: bool = True

    def values(self) -> dict[str, Any]:
        if self.kind not in OwnField.Kind.values:
            raise BadEntry("kind", self.kind, f"One of: {', '.join(OwnField.Kind.values)}.")
        if self.personal and self.kind != OwnField.Kind.TEXT:
            raise BadEntry("personal", self.kind, "Make a personal field a text: only texts can be forgotten.")
        return {
            "name": checked_words(self.name),
            "kind": self.kind,
            "choices": self._choices(),
            "required_to_resolve": self.required_to_resolve,
            "personal": self.personal,
            "searchable": self.searchable,
            "active": self.active,
        }

    def _choices(self) -> list[str]:
        choices = [checked_name(choice, longest=80, field="choices") for choice in self.choices]
        if (self.kind == OwnField.Kind.CHOICE) != bool(choices):
            raise BadEntry("choices", choices, "A choice has choices, and no other kind has.")
        if len(set(choices)) != len(choices) or len(choices) > MOST_CHOICES:
            raise BadEntry("choices", choices, f"Each once, and at most {MOST_CHOICES}.")
        return choices


def define_field(code: str, entry: FieldEntry, *, by: Stamp, at: datetime) -> OwnField:
    """The field from now on. An entry that says what holds already leaves no version."""
    with changing(by=by, at=at) as change:
        checked_code(code, longest=60)
        values = entry.values()
        last = OwnField.objects.filter(code=code).order_by("-version").first()
        if last is not None:
            if all(getattr(last, name) == value for name, value in values.items()):
                return last
            if last.kind != values["kind"]:
                raise BadEntry("kind", entry.kind, f"It is a {last.kind}, and stays one; make another field.")
        version = 1 if last is None else last.version + 1
        field = OwnField.objects.create(
            code=code, version=version, valid_from=change.at, recorded_at=change.at, **values
        )
        what = {"field": field.pk, "code": code, "version": version, "personal": field.personal, "kind": field.kind}
        change.record("field.defined", {**what, "active": field.active})
    return field


def set_matrix(
    cells: Sequence[Sequence[int]], *, valid_from: datetime | None = None, by: Stamp, at: datetime
) -> PriorityMatrix | None:
    """Priority from impact and urgency, from `valid_from` on; None where these cells are in force already."""
    with changing(by=by, at=at) as change:
        rows = _checked_cells(cells)
        starts = valid_from or change.at
        if [list(row) for row in current_matrix(starts).cells] == rows:
            return None
        if starts < change.at:
            raise BadEntry("valid_from", starts.isoformat(), "It starts now or later: the past stays as it was.")
        last = PriorityMatrix.objects.order_by("-version").values_list("version", flat=True).first() or 0
        matrix = PriorityMatrix.objects.create(version=last + 1, cells=rows, valid_from=starts, recorded_at=change.at)
        what = {"version": matrix.version, "cells": rows, "valid_from": to_us(starts)}
        change.record("matrix.set", what)
    return matrix


def _checked_cells(cells: Sequence[Sequence[int]]) -> list[list[int]]:
    try:
        rows = [list(row) for row in cells]
    except TypeError:
        rows = []
    sound = len(rows) == 3 and all(len(row) == 3 for row in rows)
    if not sound or any(type(cell) is not int or not 1 <= cell <= 5 for row in rows for cell in row):
        raise BadEntry("cells", cells, "Three rows (impact) of three (urgency), each a priority from 1 to 5.")
    return rows
