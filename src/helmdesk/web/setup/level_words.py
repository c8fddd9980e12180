"""What a service level promises, in words that a lawyer and a requester both understand."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from helmdesk.web.setup.forms import Options

METRICS: Final[dict[str, str | Promise]] = {
    "first_response": gettext_lazy("a first answer by a person"),
    "next_response": gettext_lazy("an answer to each message"),
    "update": gettext_lazy("news while it is open"),
    "resolution": gettext_lazy("a solution"),
    "own": gettext_lazy("somebody who takes it"),
    "hand_over": gettext_lazy("passed to another, or solved"),
    "give_back": gettext_lazy("given back, passed on, or solved"),
}
WAITS: Final[dict[str, str | Promise]] = {
    "requester": gettext_lazy("the person is asked"),
    "third": gettext_lazy("another company is waited for"),
    "parts": gettext_lazy("parts are on their way"),
    "change": gettext_lazy("a change window is awaited"),
    "question": gettext_lazy("another team is asked"),
    "child": gettext_lazy("a part of it is being done"),
    "problem": gettext_lazy("its cause is being looked for"),
    "agreed": gettext_lazy("a date was agreed with the person"),
}
HAPPENINGS: Final[dict[str, str | Promise]] = {
    "on_change": gettext_lazy("Priority or subject changes"),
    "on_hand_over": gettext_lazy("It is passed on"),
    "on_decline": gettext_lazy("It is declined"),
    "on_reopen": gettext_lazy("It is opened again"),
    "on_merge": gettext_lazy("Another is merged into it"),
}
FORMS: Final[dict[str, str | Promise]] = {
    "share": gettext_lazy("a share of them in time"),
    "percentile": gettext_lazy("a percentile within a time"),
    "mean_excess": gettext_lazy("late ones are late by so much in the mean"),
    "oldest_open": gettext_lazy("none is open for longer"),
}


def thens() -> Options:
    return [
        ("keep", _("goes on, same target")),
        ("carry", _("goes on, target chosen again")),
        ("restart", _("begins anew")),
    ]


def types() -> Options:
    return [("incident", _("something broke")), ("request", _("something is wanted"))]


def told(spec: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> list[str]:
    """The promise, sentence by sentence. `names` gives what codes are called, by the key of a target."""
    return [one for one in _sentences(spec, names) if one]


def _sentences(spec: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    who, hours = _who(spec.get("binds", "requester"), names), names["calendar"].get(spec["calendar"], spec["calendar"])
    yield _("%(who)s: %(what)s. Time counts by %(hours)s.") % {
        "who": who, "what": METRICS[spec["metric"]], "hours": hours
    }  # fmt: skip
    others = _("All others") if len(spec["targets"]) > 1 else _("All tickets")
    for row in spec["targets"]:
        yield _("%(fits)s: within %(time)s.") % {"fits": fits(row, names) or others, "time": row["within"]}
    yield _pauses(spec.get("pauses", []))
    if spec.get("until") == "closed":
        yield _("Only closing it ends this, so automatic closing counts too.")
    yield _form(spec.get("form"))


def fits(row: Mapping[str, Any], names: Mapping[str, Mapping[str, str]]) -> str:
    """Which tickets a row of targets is for; nothing where it is for all."""
    parts = []
    if "priority" in row:
        given = row["priority"] if isinstance(row["priority"], list) else [row["priority"]]
        words = ngettext("Priority %(list)s", "Priorities %(list)s", len(given))
        parts.append(words % {"list": ", ".join(map(str, given))})
    for key in ("service", "category", "site", "provider", "group", "type"):
        if key in row:
            given = row[key] if isinstance(row[key], list) else [row[key]]
            known = names.get(key, {})
            parts.append(", ".join(str(known.get(str(one), one)) for one in given))
    return " · ".join(parts)


def _who(binds: Any, names: Mapping[str, Mapping[str, str]]) -> str:
    if not isinstance(binds, Mapping):
        return _("Promised to whoever asks, end to end")
    kind, code = next(iter(binds.items()))
    name = names[kind].get(code, code)
    if kind == "team":
        return _("Promised by the team %(name)s, while it has the ball") % {"name": name}
    return _("Promised by %(name)s, while it has the ball") % {"name": name}


def _pauses(pauses: list[dict[str, Any]]) -> str:
    if not pauses:
        return _("Nothing pauses it.")
    said = [
        _("%(wait)s (at most %(cap)s)") % {"wait": WAITS[one["wait"]], "cap": one["cap"]} if "cap" in one
        else str(WAITS[one["wait"]])
        for one in pauses
    ]  # fmt: skip
    return _("It stands still only while %(waits)s.") % {"waits": "; ".join(said)}


def _form(form: Mapping[str, Any] | None) -> str:
    if not form:
        return ""
    if form["kind"] == "share":
        return _("At least %(share)s %% of a month in time.") % {"share": f"{form['at_least'] * 100:g}"}
    elif form["kind"] == "percentile":
        return _("%(p)s %% of a month within %(time)s.") % {"p": f"{form['p']:g}", "time": form["within"]}
    elif form["kind"] == "mean_excess":
        return _("Late ones are late by at most %(time)s in the mean.") % {"time": form["at_most"]}
    return _("None is open for longer than %(time)s.") % {"time": form["at_most"]}


def retimed(count: int) -> str:
    """What saving would touch."""
    if not count:
        return _("No clock that runs now would be timed anew: it holds for what begins from then on.")
    return ngettext(
        "%(num)d clock that runs now would be timed anew.", "%(num)d clocks that run now would be timed anew.", count
    ) % {"num": count}
