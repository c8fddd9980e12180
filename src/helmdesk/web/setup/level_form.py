"""A service level as the fields of a form, and the spec that a form comes to."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from helmdesk.clocks.levels import WAITS
from helmdesk.clocks.reading import Fault
from helmdesk.foundation.errors import BadEntry
from helmdesk.web.setup.forms import Form, Values, names_shown, number

MOST_ROWS: Final = 60
BLANK_ROWS: Final = 2
SEVERAL: Final = ("priority", "service", "category", "site", "provider", "group")
OPTIONS: Final = ("on_change", "on_hand_over", "on_decline", "on_reopen", "on_merge")
CHOSEN: Final = ("metric", "until", *OPTIONS)
DEFAULTS: Final = {
    "metric": "resolution", "until": "resolved", "on_change": "carry", "on_hand_over": "carry", "on_decline": "carry",
    "on_reopen": "carry", "on_merge": "keep",
}  # fmt: skip
NEW: Final[dict[str, Any]] = {"name": {}, "targets": [{}], "calendar": "", "warn_at": [0.75]}


def values_of(spec: Mapping[str, Any]) -> Values:
    """The fields of a level, with some blank rows of targets."""
    form = spec.get("form") or {}
    return {
        **names_shown(spec["name"]),
        **{name: spec.get(name, DEFAULTS[name]) for name in CHOSEN},
        "binds": bound(spec.get("binds", "requester")),
        "calendar": spec["calendar"],
        "rows": len(spec["targets"]) + BLANK_ROWS,
        **_targets(spec["targets"]),
        **_pauses(spec.get("pauses", [])),
        "warn_at": ", ".join(_percent(share) for share in spec.get("warn_at", [0.75])),
        "notices_any_hour": spec.get("notices_any_hour", False),
        "form_kind": form.get("kind", ""),
        "form_share": _percent(form["at_least"]) if "at_least" in form else "",
        "form_p": f"{form['p']:g}" if "p" in form else "",
        "form_within": form.get("within", form.get("at_most", "")),
    }


def lists_of(rows: int) -> list[str]:
    """The fields that may have several values."""
    return [f"t{row}_{key}" for row in range(rows) for key in SEVERAL]


def rows_of(typed: str) -> int:
    return min(int(typed), MOST_ROWS) if typed.isascii() and typed.isdigit() and len(typed) < 4 else BLANK_ROWS


def spec_of(form: Form, *, code: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The spec that a form comes to; `kept` is the one before, of which names in other languages stay."""
    spec: dict[str, Any] = {
        "code": code,
        "name": form.names(kept.get("name")),
        "binds": _binds(form.text("binds")),
        "calendar": form.text("calendar"),
        "targets": [row for _place, row in filled_rows(form)],
        "pauses": [_pause(form, wait) for wait in WAITS if form.ticked(f"pause_{wait}")],
        "warn_at": [
            _share("warn_at", part) for part in form.text("warn_at").replace(";", ",").split(",") if part.strip()
        ],
        **{name: form.text(name) for name in CHOSEN},
    }
    if form.ticked("notices_any_hour"):
        spec["notices_any_hour"] = True
    if form.text("form_kind"):
        spec["form"] = _form(form)
    return spec


def field_of(fault: Fault, form: Form) -> str:
    """Where on the form a fault of the spec is."""
    part, _dot, key = fault.field.partition(".")
    name, _bracket, place = part.partition("[")
    if name == "targets" and place:
        rows = [row for row, _spec in filled_rows(form)]
        return f"t{rows[int(place.rstrip(']'))]}_{key or 'within'}"
    elif name == "targets":
        return "t0_within"
    elif name == "pauses" and place:
        waits = [wait for wait in WAITS if form.ticked(f"pause_{wait}")]
        return f"cap_{waits[int(place.rstrip(']'))]}"
    elif name == "form":
        return {"at_least": "form_share", "p": "form_p", "kind": "form_kind"}.get(key, "form_within")
    return name


def filled_rows(form: Form) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows of targets in which something stands, by their place on the form."""
    for row in range(rows_of(str(form.values.get("rows", "")))):
        spec: dict[str, Any] = {}
        for key in SEVERAL:
            if chosen := form.all_texts(f"t{row}_{key}"):
                spec[key] = [number(f"t{row}_{key}", one) for one in chosen] if key == "priority" else chosen
        if kind := form.text(f"t{row}_type"):
            spec["type"] = kind
        within = form.text(f"t{row}_within")
        if spec or within:
            yield row, {**spec, "within": within}


def bound(binds: Any) -> str:
    """Whom a level binds, as one value of a list."""
    if isinstance(binds, Mapping):
        kind, code = next(iter(binds.items()))
        return f"{kind}:{code}"
    return str(binds)


def _binds(value: str) -> Any:
    kind, colon, code = value.partition(":")
    return {kind: code} if colon else value


def _targets(targets: list[dict[str, Any]]) -> Values:
    values: Values = {}
    for row in range(len(targets) + BLANK_ROWS):
        says = targets[row] if row < len(targets) else {}
        values[f"t{row}_within"] = says.get("within", "")
        values[f"t{row}_type"] = _one(says.get("type"))
        for key in SEVERAL:
            values[f"t{row}_{key}"] = _many(says.get(key))
    return values


def _many(value: Any) -> list[str]:
    given = [] if value is None else value if isinstance(value, list) else [value]
    return [str(one) for one in given]


def _one(value: Any) -> str:
    return next(iter(_many(value)), "")


def _pauses(pauses: list[dict[str, Any]]) -> Values:
    said = {pause["wait"]: pause for pause in pauses}
    values: Values = {}
    for wait in WAITS:
        values[f"pause_{wait}"] = wait in said
        values[f"cap_{wait}"] = said.get(wait, {}).get("cap", "")
    return values


def _pause(form: Form, wait: str) -> dict[str, Any]:
    cap = form.text(f"cap_{wait}")
    return {"wait": wait, "cap": cap} if cap else {"wait": wait}


def _form(form: Form) -> dict[str, Any]:
    kind = form.text("form_kind")
    if kind == "share":
        return {"kind": kind, "at_least": _share("form_share", form.text("form_share"))}
    elif kind == "percentile":
        return {"kind": kind, "p": form.whole("form_p"), "within": form.text("form_within")}
    return {"kind": kind, "at_most": form.text("form_within")}


def _share(name: str, typed: str) -> float:
    """A percentage as a share."""
    try:
        return round(float(typed.strip().removesuffix("%").replace(",", ".")) / 100, 6)
    except ValueError as error:
        raise BadEntry(name, typed, _("Give a percentage, such as 95.")) from error


def _percent(share: float) -> str:
    return f"{share * 100:g}"
