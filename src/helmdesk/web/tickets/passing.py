"""Forms of who works on it: take, give, give back, pass on, and what the next team answers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from helmdesk.providers.models import Membership, Provider, Team
from helmdesk.tickets import assignment, hand_over
from helmdesk.tickets.models import Ticket
from helmdesk.web.tickets.acts import ActForm, chosen, words
from helmdesk.web.tickets.words import DECLINED


class Take(ActForm):
    noun, title, button = "taking", _("Take it"), _("Take it")
    done = _("It is yours.")

    def perform(self) -> None:
        assignment.take(self.ticket.pk, **self.verb)


class Assign(ActForm):
    noun, title, button = "assignment", _("Give it to somebody of the team"), _("Give it")
    done = _("Given.")
    to = chosen(_("To whom"))

    def furnish(self) -> None:
        members = Membership.objects.filter(teams=self.ticket.team, ended_at__isnull=True, person__active=True)
        rows = members.exclude(pk=self.ticket.assignee or 0).order_by("person__name").values_list("pk", "person__name")
        self.choose_from("to", list(rows))

    def perform(self) -> None:
        assignment.assign(self.ticket.pk, to=self.cleaned_data["to"], **self.verb)


class Release(ActForm):
    noun, title, button = "release", _("Give it back to the team"), _("Give it back")
    done = _("Nobody has it now; the team sees it.")

    def perform(self) -> None:
        assignment.release(self.ticket.pk, **self.verb)


class HandOver(ActForm):
    noun, title, button = "hand-over", _("Pass it to another team"), _("Pass it on")
    told = _("The next team reads this, and so do you. Whoever asked for help does not.")
    done = _("Passed on.")
    to = chosen(_("To which team"))
    what_was_done = words(_("What was done"), rows=2)
    what_is_asked = words(_("What is asked of them"), rows=2)
    known = words(_("What is known"), required=False, rows=2)

    def furnish(self) -> None:
        self.choose_from("to", teams_to_pass_to(self))

    def perform(self) -> None:
        given = self.cleaned_data
        hand_over.hand_over(
            self.ticket.pk, to=given["to"], done=given["what_was_done"], asked=given["what_is_asked"],
            known=given["known"], **self.verb,
        )  # fmt: skip

    def afterwards(self) -> str:
        return where_to(self)


def teams_to_pass_to(form: ActForm) -> list[tuple[str, Any]]:
    """Teams by provider; a guest passes within their own house or back to the company."""
    teams = Team.objects.filter(active=True, provider__active=True).exclude(pk=form.ticket.team)
    viewer = form.request.viewer
    if not viewer.internal:
        teams = teams.filter(provider=viewer.provider) | teams.filter(provider__kind=Provider.Kind.INTERNAL)
    grouped: dict[str, list[tuple[int, str]]] = {}
    for pk, name, provider in teams.order_by("provider__name", "name").values_list("pk", "name", "provider__name"):
        grouped.setdefault(provider, []).append((pk, name))
    return [("", _("choose …")), *grouped.items()]


def where_to(form: ActForm) -> str:
    """The ticket while it may be seen; else the queue."""
    seen = Ticket.objects.visible_to(form.request.viewer).filter(pk=form.ticket.pk).exists()
    return f"/tickets/{form.ticket.pk}" if seen else "/tickets/"


class Accept(ActForm):
    noun, title, button = "acceptance", _("Accept it"), _("Accept it")
    done = _("Accepted.")

    def perform(self) -> None:
        hand_over.accept(self.ticket.pk, **self.verb)


class Decline(ActForm):
    noun, title, button = "refusal", _("Decline it"), _("Decline it")
    told = _("It goes back to the team that passed it on, with your reason.")
    done = _("Declined; it is back where it came from.")
    reason = forms.ChoiceField(label=_("Why"), choices=list(DECLINED.items()))

    def perform(self) -> None:
        hand_over.decline(self.ticket.pk, reason=self.cleaned_data["reason"], **self.verb)

    def afterwards(self) -> str:
        return where_to(self)


class Recall(ActForm):
    noun, title, button = "recall", _("Take it back"), _("Take it back")
    done = _("It is with your team again.")

    def perform(self) -> None:
        hand_over.recall(self.ticket.pk, **self.verb)


FORMS = (Take, Assign, Release, HandOver, Accept, Decline, Recall)
