"""Forms of waits: for whom, why, until when; and what is said about them afterwards."""

from django import forms
from django.utils.translation import gettext_lazy as _

from helmdesk.ledger.models import Event, Hat, Stream
from helmdesk.tickets import waiting
from helmdesk.tickets.models import Message, Phase, ThirdParty, Ticket, Wait
from helmdesk.tickets.reading import rendition
from helmdesk.web.tickets.acts import ActForm, Moment, chosen, shortened, words
from helmdesk.web.tickets.passing import teams_to_pass_to
from helmdesk.web.times import when


class Call(ActForm):
    noun, title, button = "waits/call", _("I called and could not reach them"), _("Wait for them")
    told = _("They read what you write here, so that they know that you called.")
    done = _("Waiting for them.")
    said = words(_("When and how you tried, and what they should do"), rows=3)
    until = Moment(_("Until"), required=False)

    def perform(self) -> None:
        given = self.cleaned_data
        waiting.wait_after_call(self.ticket.pk, told=given["said"], until=given["until"], **self.verb)


class Company(ActForm):
    noun, title, button = "waits/company", _("Wait for another company"), _("Wait for them")
    done = _("Waiting for the other company.")
    company = chosen(_("Which company"))
    said = words(_("What you wrote to them or said"), rows=3)
    call = forms.BooleanField(label=_("It was a call"), required=False)
    until = Moment(_("Until"), required=False)

    def furnish(self) -> None:
        rows = ThirdParty.objects.filter(active=True).order_by("name").values_list("pk", "name")
        self.choose_from("company", list(rows))

    def perform(self) -> None:
        given = self.cleaned_data
        waiting.wait_for_company(
            self.ticket.pk, company=given["company"], told=given["said"], call=given["call"], until=given["until"],
            **self.verb,
        )  # fmt: skip


class Date(ActForm):
    noun, title, button = "waits/date", _("Wait for parts or a change"), _("Wait until then")
    told = _("It stays with your team.")
    done = _("Waiting until then.")
    wait = forms.ChoiceField(
        label=_("What for"), choices=[(Wait.PARTS.value, _("parts")), (Wait.CHANGE.value, _("a change window"))]
    )
    until = Moment(_("Until"))

    def perform(self) -> None:
        given = self.cleaned_data
        waiting.wait_for_date(self.ticket.pk, wait=given["wait"], until=given["until"], **self.verb)


class Question(ActForm):
    noun, title, button = "waits/question", _("Ask another team"), _("Ask them")
    told = _("Your team stays responsible. Whoever asked for help does not read this.")
    done = _("Asked.")
    team = chosen(_("Which team"))
    question = words(_("Your question"), rows=3)

    def furnish(self) -> None:
        self.choose_from("team", teams_to_pass_to(self))

    def perform(self) -> None:
        given = self.cleaned_data
        waiting.ask_team(self.ticket.pk, team=given["team"], question=given["question"], **self.verb)


class Agreement(ActForm):
    noun, title, button = "waits/agreement", _("Wait until a day they agreed to"), _("Wait until then")
    done = _("Waiting until the agreed day.")
    message = chosen(_("Where they agree"))
    until = Moment(_("Until"))

    def furnish(self) -> None:
        viewer = self.request.viewer
        theirs = Message.objects.visible_to(viewer).filter(ticket=self.ticket.pk, hat=Hat.REQUESTER, automatic=False)
        rows = theirs.order_by("-pk").values_list("pk", "at", rendition("text", viewer))[:20]
        self.choose_from("message", [(pk, f"{when(at)}: {shortened(body)}") for pk, at, body in rows])

    def perform(self) -> None:
        given = self.cleaned_data
        waiting.wait_until_agreed(self.ticket.pk, until=given["until"], message=given["message"], **self.verb)


class Child(ActForm):
    noun, title, button = "waits/child", _("Wait for a part of it"), _("Wait for it")
    done = _("Waiting for the part.")
    child = chosen(_("Which part"))

    def furnish(self) -> None:
        viewer = self.request.viewer
        parts = Ticket.objects.visible_to(viewer).filter(parent=self.ticket.pk, phase=Phase.OPEN).order_by("pk")
        rows = parts.values_list("pk", rendition("subject", viewer))
        self.choose_from("child", [(pk, f"{pk} {shortened(subject)}") for pk, subject in rows])

    def perform(self) -> None:
        waiting.wait_on_child(self.ticket.pk, child=self.cleaned_data["child"], **self.verb)


class EndWait(ActForm):
    noun, title, button = "waits/end", _("Go on"), _("Go on")
    done = _("It goes on.")

    def perform(self) -> None:
        waiting.end_wait(self.ticket.pk, **self.verb)


class Contest(ActForm):
    noun, title, button = "waits/objection", _("This wait is not true"), _("Say so")
    told = _("A lead of the company decides. Until then nothing changes.")
    done = _("Said; a lead of the company decides.")

    def perform(self) -> None:
        waiting.contest(self.ticket.pk, **self.who)


class Judge(ActForm):
    noun, title, button = "waits/judgement", _("Was the wait true?"), _("Decide")
    done = _("Decided.")
    wait = chosen(_("Which wait"))
    upheld = forms.ChoiceField(
        label=_("What you decide"),
        choices=[("yes", _("It was true: they had to wait")), ("no", _("It was not: the time counts to the team"))],
    )

    def furnish(self) -> None:
        started = Event.objects.filter(stream=Stream.TICKET, stream_id=self.ticket.pk, kind="wait.started")
        rows = started.order_by("-n").values_list("n", "at")[:20]
        self.choose_from("wait", [(n, str(_("since %(date)s")) % {"date": when(at)}) for n, at in rows])

    def perform(self) -> None:
        given = self.cleaned_data
        waiting.judge(self.ticket.pk, wait=given["wait"], upheld=given["upheld"] == "yes", **self.who)


FORMS = (Call, Company, Date, Question, Agreement, Child, EndWait, Contest, Judge)
