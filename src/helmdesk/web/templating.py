"""The Jinja2 environment of our pages: what every template may call, and what every page knows."""

from functools import lru_cache
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.template.backends.utils import csrf_input
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.html import json_script
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from helmdesk.foundation.static import static_url
from helmdesk.web import places, times
from helmdesk.web.account import offers

OURS = ("placeholder", "class", "id", "rows", "cols")


def environment(**options: Any) -> Environment:
    made = Environment(  # noqa: S701 (escaped except in plain text, which is mail)
        **{**options, "autoescape": escaped, "extensions": ["jinja2.ext.i18n", "jinja2.ext.do"]},
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(_=phrase, static_url=static_url, url=url, language=language, widget_attrs=widget_attrs)
    made.globals.update(
        passkeys_work=offers.passkeys_work,
        company_sign_in=offers.company_sign_in,
        open_for_signup=offers.open_for_signup,
    )
    made.filters.update(
        static_url=static_url,
        json_script=json_script,
        device=offers.device,
        local=local,
        initials=initials,
        ago=times.ago,
        when=times.when,
        exact=times.exact,
        machine=times.machine,
        span=times.span,
    )
    made.tests["group"] = lambda words: isinstance(words, list | tuple)
    return made


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What a template knows besides what its view gives: the viewer, the time, where one can go."""
    viewer = getattr(request, "viewer", None)
    return {
        "viewer": viewer,
        "at": getattr(request, "at", None),
        "account": getattr(request, "user", None),
        "places": places.of(viewer, request.path) if viewer is not None else [],
        "told": lambda: get_messages(request) if hasattr(request, "_messages") else [],
        "csrf_input": SimpleLazyObject(lambda: csrf_input(request)),
    }


@pass_eval_context
def phrase(place: EvalContext, message: str, /, **values: Any) -> str:
    """`_("…")` of our templates: a phrase in the reader's language, with its values, escaped where the template is."""
    if not place.autoescape:
        return gettext(message) % values
    spoken = get_language()
    return _marked_up(spoken, message) % values if values else _whole(spoken, message)


@lru_cache(maxsize=4096)
def _marked_up(_language: str | None, message: str) -> Markup:
    return Markup(gettext(message))  # noqa: S704 (phrases are our own)


@lru_cache(maxsize=4096)
def _whole(language: str | None, message: str) -> Markup:
    """A phrase without values is the same on every page."""
    return _marked_up(language, message) % {}


def escaped(template: str | None) -> bool:
    return template is None or not template.endswith(".txt")


def url(name: str, *parts: Any) -> str:
    """The address of a named page; empty while that area is not built."""
    return reverse(name, args=parts) if parts else places.address(name)


def language() -> str:
    return get_language() or "en"


def local(names: Any) -> str:
    """The text of `{language: text}` in the reader's language, else in English, else in any."""
    if not isinstance(names, dict):
        return str(names)
    spoken = language()
    for code in (spoken, spoken.partition("-")[0], "en"):
        if names.get(code):
            return str(names[code])
    return next((str(text) for text in names.values() if text), "")


def initials(name: str) -> str:
    """At most two letters for a disc: first and last word."""
    words = [word for word in str(name).split() if word[0].isalnum()]
    return "".join(word[0] for word in dict.fromkeys((words[0], words[-1]))).upper() if words else "?"


def widget_attrs(bound: Any, attrs: dict[str, Any]) -> dict[str, Any]:
    """What a Django form's widget says of its input, and what the page adds; labels stand instead of placeholders."""
    merged = {**bound.field.widget.attrs, **attrs}
    return {
        name: "" if value is True else value
        for name, value in merged.items()
        if name not in OURS and value is not False
    }
