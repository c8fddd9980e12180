"""Forms of the end of a matter and its return: solved, again, closed; the same as another, or not."""

from django import forms
from django.utils.translation import gettext_lazy as _

from helmdesk.tickets import merging, resolution
from helmdesk.tickets.conversation import Words
from helmdesk.tickets.models import Ticket
from helmdesk.tickets.reading import rendition
from helmdesk.web.tickets.acts import ActForm, number, words
from helmdesk.web.tickets.words import SOLVED


class Resolve(ActForm):
    noun, title, button = "resolution", _("It is solved"), _("Solve it")
    done = _("Solved.")
    how = forms.ChoiceField(label=_("How"), choices=list(SOLVED.items()))
    last_word = words(_("A last word to them"), required=False, rows=3, help_text=_("They read this."))

    def perform(self) -> None:
        given = self.cleaned_data
        last = Words(given["last_word"]) if given["last_word"].strip() else None
        resolution.resolve(self.ticket.pk, how=given["how"], words=last, **self.verb)


class Reopen(ActForm):
    noun, title, button = "reopening", _("Open it again"), _("Open it again")
    done = _("Open again.")
    text = words(_("A word to them"), required=False, rows=3, help_text=_("They read this."))

    def perform(self) -> None:
        text = self.cleaned_data["text"]
        resolution.reopen(
            self.ticket.pk, why="by_team", words=Words(text) if text.strip() else None, **self.verb
        )  # fmt: skip


class Close(ActForm):
    noun, title, button = "closing", _("Close it"), _("Close it")
    told = _("A closed ticket can be opened again for two weeks.")
    done = _("Closed.")

    def perform(self) -> None:
        resolution.close(self.ticket.pk, **self.verb)


class Merge(ActForm):
    noun, title, button = "merge", _("It is the same as another"), _("Merge it")
    told = _("This one rests from then on, and what was said on it is shown on the other. You can undo it.")
    done = _("Merged.")
    into = number(_("Number of the other ticket"), help_text=_("Of the same person."))

    def furnish(self) -> None:
        viewer = self.request.viewer
        theirs = Ticket.objects.visible_to(viewer).still_open().filter(requester=self.ticket.requester)
        rows = theirs.exclude(pk=self.ticket.pk).order_by("-pk").values_list("pk", rendition("subject", viewer))
        self.suggestions["into"] = [(pk, subject or "") for pk, subject in rows[:20]]

    def perform(self) -> None:
        merging.merge(self.ticket.pk, into=self.cleaned_data["into"], **self.verb)

    def afterwards(self) -> str:
        return f"/tickets/{self.cleaned_data['into']}"


class Unmerge(ActForm):
    noun, title, button = "merge/removal", _("Undo the merge"), _("Undo the merge")
    done = _("It stands alone again, as it was before.")

    def perform(self) -> None:
        merging.unmerge(self.ticket.pk, **self.who)


FORMS = (Resolve, Reopen, Close, Merge, Unmerge)
