"""A level's spec, as TOML or JSON gives it, to a Level; or every fault of it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any, Final, Protocol

import msgspec

from helmdesk.clocks.durations import BadDuration, duration_from
from helmdesk.clocks.levels import (
    TYPES,
    WAITS,
    Binds,
    Described,
    Form,
    FormKind,
    Level,
    Metric,
    Pause,
    Target,
    Then,
    Until,
)

KEYS: Final = frozenset(
    """
    code name metric binds calendar until targets pauses on_change on_hand_over on_decline on_reopen on_merge warn_at
    form notices_any_hour
    """.split()
)
FIT_KEYS: Final = ("priority", "service", "category", "site", "provider", "group", "type")
PLURALS: Final = {"priority": "priorities", "category": "categories"}
OPTIONS: Final = ("on_change", "on_hand_over", "on_decline", "on_reopen", "on_merge")
FORM_KEYS: Final = {
    FormKind.SHARE: "at_least",
    FormKind.PERCENTILE: "within",
    FormKind.MEAN_EXCESS: "at_most",
    FormKind.OLDEST_OPEN: "at_most",
}
NEEDS_A_PARTY: Final = frozenset({Metric.HAND_OVER, Metric.GIVE_BACK})
MOST_TARGETS: Final = 500
LONGEST_CODE: Final = 60


class Names(Protocol):
    """Codes of the desk to ids; None for what there is not."""

    def team(self, code: str) -> int | None: ...
    def provider(self, code: str) -> int | None: ...
    def service(self, code: str) -> int | None: ...
    def category(self, code: str) -> int | None: ...
    def site(self, code: str) -> int | None: ...
    def group(self, code: str) -> int | None: ...


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong with a spec: where, as "targets[0].within", what stands there, what to do."""

    field: str
    value: Any
    cure: str

    def __str__(self) -> str:
        shown = repr(self.value)
        return f"{self.field}: {shown if len(shown) <= 80 else shown[:79] + '…'} cannot be used; {self.cure}"


class BadLevel(ValueError):
    """A spec that is no level; `faults` are all that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def level_from(spec: Mapping[str, Any], names: Names) -> Level:
    """The level alone. Raises BadLevel."""
    return described_from(spec, names).level


def described_from(spec: Mapping[str, Any], names: Names) -> Described:
    """The level with its names, calendar code, form and notices. Raises BadLevel."""
    if not isinstance(spec, Mapping):
        raise BadLevel([Fault("level", spec, "a level is a table of keys")])
    reader = _Reader(names)
    described = reader.described(spec)
    if reader.faults:
        raise BadLevel(reader.faults)
    return described


class _Reader:
    """Reads on after a fault, so that all are told; what it returns counts only when there are none."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.faults: list[Fault] = []

    def fault(self, field: str, value: Any, cure: str) -> None:
        self.faults.append(Fault(field, value, cure))

    def described(self, spec: Mapping[str, Any]) -> Described:
        self.known(spec, KEYS, "")
        calendar = spec.get("calendar")
        if calendar is not None and not isinstance(calendar, str):
            self.fault("calendar", calendar, "the code of a working calendar")
        any_hour = spec.get("notices_any_hour", False)
        if not isinstance(any_hour, bool):
            self.fault("notices_any_hour", any_hour, "true or false")
        return Described(self.level(spec), self.name(spec), calendar, self.form(spec.get("form")), any_hour)

    def known(self, table: Mapping[str, Any], keys: frozenset[str] | set[str], where: str) -> None:
        for key in table:
            if key not in keys:
                self.fault(f"{where}{key}", table[key], f"is not known here; known are {', '.join(sorted(keys))}")

    def name(self, spec: Mapping[str, Any]) -> dict[str, str]:
        name = spec.get("name", {})
        if not isinstance(name, dict) or not all(isinstance(word, str) and word.strip() for word in name.values()):
            self.fault("name", name, 'words by language, as {en = "Solved"}')
            return {}
        return name

    def level(self, spec: Mapping[str, Any]) -> Level:
        code = spec.get("code")
        if not isinstance(code, str) or not 0 < len(code) <= LONGEST_CODE:
            self.fault("code", code, f"a word of at most {LONGEST_CODE} characters")
            code = ""
        metric = self.choice(spec, "metric", Metric, None)
        binds, party = self.bound(spec.get("binds", "requester"))
        if metric in NEEDS_A_PARTY and binds == Binds.REQUESTER:
            self.fault("binds", spec.get("binds", "requester"), f"{metric.name.lower()} binds a team or a provider")
        options = {key: self.choice(spec, key, Then, getattr(DEFAULTS, key)) for key in OPTIONS}
        return Level(
            code, metric, self.targets(spec.get("targets")), binds, party,
            until=self.choice(spec, "until", Until, Until.RESOLVED), pauses=self.pauses(spec.get("pauses", [])),
            warn_at=self.warnings(spec.get("warn_at", list(DEFAULTS.warn_at))), **options,
        )  # fmt: skip

    def choice[E: IntEnum](self, spec: Mapping[str, Any], key: str, choices: type[E], default: E | None) -> E:
        value = spec.get(key, None if default is None else default.name.lower())
        found = next((one for one in choices if one.name.lower() == value), None)
        if found is None:
            self.fault(key, value, f"one of {', '.join(one.name.lower() for one in choices)}")
            return next(iter(choices))
        return found

    def bound(self, value: Any) -> tuple[Binds, int | None]:
        if value == "requester":
            return Binds.REQUESTER, None
        if isinstance(value, dict) and len(value) == 1:
            kind, code = next(iter(value.items()))
            if kind in ("team", "provider"):
                return Binds[kind.upper()], self.id(f"binds.{kind}", kind, code)
        self.fault("binds", value, '"requester", {team = "code"} or {provider = "code"}')
        return Binds.REQUESTER, None

    def id(self, field: str, kind: str, code: Any) -> int | None:
        find: Callable[[str], int | None] = getattr(self.names, kind)
        found = find(code) if isinstance(code, str) else None
        if found is None:
            self.fault(field, code, f"the code of a {kind} that there is")
        return found

    def targets(self, value: Any) -> tuple[Target, ...]:
        if not isinstance(value, list) or not 0 < len(value) <= MOST_TARGETS:
            self.fault("targets", value, f'a list of 1 to {MOST_TARGETS} rows, as [{{priority = 1, within = "2h"}}]')
            return ()
        return tuple(self.target(f"targets[{n}]", row) for n, row in enumerate(value))

    def target(self, field: str, row: Any) -> Target:
        if not isinstance(row, dict):
            self.fault(field, row, 'a row, as {priority = 1, within = "2h"}')
            return Target(0)
        self.known(row, {"within", *FIT_KEYS}, f"{field}.")
        fits = {
            PLURALS.get(key, f"{key}s"): self.fit(f"{field}.{key}", key, row[key]) for key in FIT_KEYS if key in row
        }
        return Target(self.duration(f"{field}.within", row.get("within")), **fits)

    def fit(self, field: str, key: str, value: Any) -> tuple[int, ...]:
        values = value if isinstance(value, list) else [value]
        if not values:
            self.fault(field, value, "at least one, or leave it out")
        return tuple(self.fit_one(field, key, one) for one in values)

    def fit_one(self, field: str, key: str, value: Any) -> int:
        if key == "priority":
            if isinstance(value, bool) or value not in range(1, 6):
                self.fault(field, value, "a priority from 1 to 5, or a list of them")
                return 0
            return int(value)
        if key == "type":
            found = TYPES.get(value) if isinstance(value, str) else None
            if found is None:
                self.fault(field, value, f"one of {', '.join(TYPES)}")
            return found or 0
        return self.id(field, key, value) or 0

    def duration(self, field: str, value: Any, *, days: bool = False) -> int:
        try:
            return duration_from(value, days=days)
        except BadDuration as bad:
            self.fault(field, value, str(bad))
            return 0

    def pauses(self, value: Any) -> tuple[Pause, ...]:
        if not isinstance(value, list):
            self.fault("pauses", value, 'a list, as [{wait = "requester", cap = "72h"}]')
            return ()
        found = [self.pause(f"pauses[{n}]", one) for n, one in enumerate(value)]
        if len({pause.wait for pause in found}) < len(found):
            self.fault("pauses", value, "name each wait once")
        return tuple(found)

    def pause(self, field: str, value: Any) -> Pause:
        if not isinstance(value, dict) or str(value.get("wait")) not in WAITS:
            self.fault(field, value, f"a wait, one of {', '.join(WAITS)}, with or without a cap")
            return Pause("")
        self.known(value, {"wait", "cap"}, f"{field}.")
        cap = self.duration(f"{field}.cap", value["cap"]) if "cap" in value else None
        return Pause(value["wait"], cap)

    def warnings(self, value: Any) -> tuple[float, ...]:
        fits = isinstance(value, list) and all(
            isinstance(share, (int, float)) and not isinstance(share, bool) and 0 < share < 1 for share in value
        )
        if not fits or len(set(value)) < len(value):
            self.fault("warn_at", value, "different shares between 0 and 1, as [0.5, 0.75]")
            return ()
        return tuple(sorted(map(float, value)))

    def form(self, value: Any) -> Form | None:
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fault("form", value, 'as {kind = "share", at_least = 0.95}')
            return None
        kind = self.choice_of_form(value)
        if kind is None:
            return None
        key = FORM_KEYS[kind]
        self.known(value, {"kind", key, *(("p",) if kind == FormKind.PERCENTILE else ())}, "form.")
        if kind == FormKind.SHARE:
            return Form(kind, share=self.number("form.at_least", value.get(key), 1))
        us = self.duration(f"form.{key}", value.get(key), days=kind == FormKind.OLDEST_OPEN)
        p = self.number("form.p", value.get("p"), 100) if kind == FormKind.PERCENTILE else None
        return Form(kind, p=p, us=us)

    def choice_of_form(self, value: dict[str, Any]) -> FormKind | None:
        kind = value.get("kind")
        found = next((one for one in FormKind if one.name.lower() == kind), None)
        if found is None:
            self.fault("form.kind", kind, f"one of {', '.join(one.name.lower() for one in FormKind)}")
        return found

    def number(self, field: str, value: Any, most: int) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= most:
            self.fault(field, value, f"a number above 0, at most {most}")
            return 0.0
        return float(value)


DEFAULTS: Final = Level("", Metric.RESOLUTION, ())
