"""Forms of how a ticket hangs together with others, and who else takes part in it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from helmdesk.providers.models import Provider
from helmdesk.tickets import relations, taking_part
from helmdesk.tickets.models import Link, Message, Participant, Share
from helmdesk.tickets.reading import rendition
from helmdesk.tickets.refusals import NotThere
from helmdesk.web.tickets import finding
from helmdesk.web.tickets.acts import ActForm, chosen, number, shortened
from helmdesk.web.tickets.words import LINKS
from helmdesk.web.times import when


class Connect(ActForm):
    noun, title, button = "links", _("Link it to another"), _("Link it")
    done = _("Linked.")
    kind = forms.ChoiceField(label=_("This one"), choices=list(LINKS.items()))
    to = number(_("Number of the other ticket"))

    def perform(self) -> None:
        given = self.cleaned_data
        relations.link(self.ticket.pk, to=given["to"], kind=given["kind"], **self.who)


class Disconnect(ActForm):
    noun, title, button = "links/removal", _("Take a link away"), _("Take it away")
    done = _("Taken away.")
    to = number(_("Number of the other ticket"))
    kind = forms.ChoiceField(label=_("This one"), choices=list(LINKS.items()))

    def furnish(self) -> None:
        rows = Link.objects.filter(source=self.ticket.pk).values_list("target", "kind")
        self.suggestions["to"] = [(target, str(LINKS.get(kind, kind))) for target, kind in rows]

    def perform(self) -> None:
        given = self.cleaned_data
        relations.link(self.ticket.pk, to=given["to"], kind=given["kind"], on=False, **self.who)


class Parent(ActForm):
    noun, title, button = "parent", _("Make it a part of another"), _("Save")
    done = _("Saved.")
    parent = number(_("Number of the whole"), required=False, help_text=_("Empty: a matter of its own."))

    def start(self) -> dict[str, int | None]:
        return {"parent": self.ticket.parent}

    def perform(self) -> None:
        relations.set_parent(self.ticket.pk, parent=self.cleaned_data["parent"], **self.who)


class Split(ActForm):
    noun, title, button = "split", _("Split something off"), _("Split it off")
    told = _("The part is a ticket of its own, and begins with the messages that you choose, for the same readers.")
    done = _("Split off.")
    subject = forms.CharField(label=_("What the part is about"), max_length=250)
    messages = forms.TypedMultipleChoiceField(
        label=_("Which messages go along"), coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def furnish(self) -> None:
        viewer = self.request.viewer
        said = Message.objects.visible_to(viewer).filter(ticket=self.ticket.pk).order_by("-pk")
        rows = said.values_list("pk", "at", rendition("text", viewer))[:50]
        self.choose_from("messages", [(pk, f"{when(at)}: {shortened(body)}") for pk, at, body in rows])
        self.child = 0

    def perform(self) -> None:
        given = self.cleaned_data
        child = relations.split(self.ticket.pk, messages=given["messages"], subject=given["subject"], **self.verb)
        self.child = child.pk

    def afterwards(self) -> str:
        return f"/tickets/{self.child}"


class TakePart(ActForm):
    noun, title, button = "participants", _("Let somebody take part"), _("Let them take part")
    told = _("They read and write what whoever asked for help reads and writes.")
    done = _("They take part now.")
    person = chosen(_("Who"))

    def furnish(self) -> None:
        typed = self.request.GET.get("who", "")
        found = finding.people(typed, viewer=self.request.viewer)
        posted = self.request.POST.get("person", "")
        if posted.isdecimal() and len(posted) < 16 and (one := finding.person(int(posted), viewer=self.request.viewer)):
            found = [one]
        self.searched, self.found = typed, found
        self.choose_from("person", [(one.pk, one.name) for one in found])

    def perform(self) -> None:
        taking_part.add_participant(self.ticket.pk, person=self.cleaned_data["person"], **self.who)


class LeaveOut(ActForm):
    noun, title, button = "participants/removal", _("Somebody takes part no longer"), _("Take them out")
    done = _("They take part no longer.")
    person = chosen(_("Who"))

    def furnish(self) -> None:
        rows = Participant.objects.filter(ticket=self.ticket.pk).values_list("person", "person__name")
        unmasked = self.request.viewer.unmasked
        self.choose_from("person", [(pk, name if unmasked else f"Person {pk}") for pk, name in rows])

    def perform(self) -> None:
        taking_part.remove_participant(self.ticket.pk, person=self.cleaned_data["person"], **self.who)


class ShowTo(ActForm):
    noun, title, button = "shares", _("Show this one ticket to a provider"), _("Show it to them")
    told = _("They see it beside what they see anyway, until you end it.")
    done = _("They see it now.")
    provider = chosen(_("To whom"))

    def furnish(self) -> None:
        if not self.request.viewer.may("access.manage"):
            raise NotThere("page", self.noun)
        there = Provider.objects.filter(active=True, kind=Provider.Kind.EXTERNAL).order_by("name")
        self.choose_from("provider", list(there.values_list("pk", "name")))

    def perform(self) -> None:
        taking_part.share(self.ticket.pk, provider=self.cleaned_data["provider"], **self.who)


class HideFrom(ActForm):
    noun, title, button = "shares/removal", _("A provider sees it no longer"), _("End it")
    done = _("They see it no longer, unless a grant of theirs names it.")
    provider = chosen(_("Who"))

    def furnish(self) -> None:
        if not self.request.viewer.may("access.manage"):
            raise NotThere("page", self.noun)
        there = Share.objects.filter(ticket=self.ticket.pk, ended_at__isnull=True)
        self.choose_from("provider", list(there.values_list("provider", "provider__name")))

    def perform(self) -> None:
        taking_part.unshare(self.ticket.pk, provider=self.cleaned_data["provider"], **self.who)


FORMS = (Connect, Disconnect, Parent, Split, TakePart, LeaveOut, ShowTo, HideFrom)
