"""Forms of one's own: time spent, following, putting it off for oneself."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from helmdesk.tickets import following, work_log
from helmdesk.web.tickets.acts import ActForm, Moment
from helmdesk.web.tickets.sorting import Day
from helmdesk.web.tickets.words import WORK


class LogTime(ActForm):
    noun, title, button = "time", _("Log time"), _("Log it")
    done = _("Logged.")
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=24 * 60)
    day = forms.DateField(label=_("On"), widget=Day())
    work = forms.ChoiceField(label=_("What for"), choices=list(WORK.items()))

    def start(self) -> dict[str, Any]:
        return {"day": timezone.localdate(self.request.at)}

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day.year < 2000:
            raise forms.ValidationError(_("Give a day of this century."))
        return day

    def perform(self) -> None:
        given = self.cleaned_data
        seconds = given["minutes"] * 60
        work_log.log_time(self.ticket.pk, seconds=seconds, day=given["day"], work=given["work"], **self.who)


class FollowIt(ActForm):
    noun, title, button = "following", _("Follow it"), _("Follow it")
    done = _("You hear of what happens here.")

    def perform(self) -> None:
        following.follow(self.ticket.pk, by=self.request.viewer)


class Unfollow(ActForm):
    noun, title, button = "following/removal", _("Follow it no longer"), _("Follow it no longer")
    done = _("You follow it no longer.")

    def perform(self) -> None:
        following.follow(self.ticket.pk, on=False, by=self.request.viewer)


class SnoozeIt(ActForm):
    noun, title, button = "snooze", _("Put it off for yourself"), _("Put it off")
    told = _("Only you see it as put off; it stays with whom it is.")
    done = _("Put off for you.")
    until = Moment(_("Until"))

    def perform(self) -> None:
        following.snooze(self.ticket.pk, until=self.cleaned_data["until"], **self.who)


class Wake(ActForm):
    noun, title, button = "snooze/removal", _("Put it off no longer"), _("Put it off no longer")
    done = _("It is back in your sight.")

    def perform(self) -> None:
        following.snooze(self.ticket.pk, until=None, **self.who)


FORMS = (LogTime, FollowIt, Unfollow, SnoozeIt, Wake)
