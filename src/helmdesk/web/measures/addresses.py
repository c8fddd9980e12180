"""The question of a page as its address: what is asked stays when something else is chosen."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from helmdesk.foundation.time import from_us
from helmdesk.measures.questions import Question
from helmdesk.measures.reports import Group, Report


def query_of(question: Question, **changed: Any) -> dict[str, str]:
    """The words of a question, as `measures.questions.asked` reads them."""
    words: dict[str, Any] = {
        "from": question.first.isoformat(),
        "to": question.last.isoformat(),
        "by": question.by,
        **dict(question.only),
        **({} if question.as_of is None else {"as_of": _instant(question.as_of)}),
        **changed,
    }
    return {name: str(value) for name, value in words.items() if value not in (None, "")}


def _instant(us: int) -> str:
    return from_us(us).isoformat()


@dataclass(frozen=True, slots=True)
class Addresses:
    """Ways from a report to elsewhere."""

    question: Question

    def tickets(self, figure: str, group: Group, report: Report) -> str:
        """The tickets behind one number."""
        more: dict[str, Any] = {"figure": figure}
        if group is not report.whole:
            more["key"] = "none" if group.key is None else group.key
        return f"{reverse('measures:tickets')}?{urlencode(query_of(self.question, **more))}"

    def held(self, kind: str, provider: int | None) -> str:
        """The tickets of which a party had the ball."""
        more = {"figure": f"held:{kind}", "key": provider}
        return f"{reverse('measures:tickets')}?{urlencode(query_of(self.question, **more))}"

    def home(self, **changed: Any) -> str:
        return f"{reverse('measures:home')}?{urlencode(query_of(self.question, **changed))}"

    def comparison(self, **changed: Any) -> str:
        return f"{reverse('measures:comparison')}?{urlencode(query_of(self.question, **changed))}"
