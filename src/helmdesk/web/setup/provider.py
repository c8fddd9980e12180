"""Providers: who does the work, in-house and outside; their colour, their clock, and who takes over from them."""

from collections import defaultdict
from typing import Any, Final

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from helmdesk.access.allowed import signed
from helmdesk.providers.companies import HUES, ProviderEntry, add_provider, change_provider, resume
from helmdesk.providers.models import Provider, Team
from helmdesk.tickets.models import Holder, Phase, Ticket
from helmdesk.tickets.rerouting import suspend_provider
from helmdesk.web.setup.doors import needs, page
from helmdesk.web.setup.forms import Form, Options, Values
from helmdesk.web.setup.keyholders import never_locked_out
from helmdesk.web.setup.lists import Row
from helmdesk.web.setup.noun import Acting, Noun, Said
from helmdesk.web.setup.words import MOST, zones
from helmdesk.web.visitor import Request

KINDS: Final[dict[str, str | Promise]] = {
    Provider.Kind.INTERNAL.value: gettext_lazy("in-house: our own people"),
    Provider.Kind.EXTERNAL.value: gettext_lazy("outside: a guest on our desk"),
}
guarded = needs("providers.manage")


@guarded
def suspension(request: Request, pk: int) -> HttpResponse:
    return show_suspension(request, existing(request, pk), Form({}))


@guarded
def suspend(request: Request, pk: int) -> HttpResponse:
    provider, moved = existing(request, pk), []
    form = Form.typed(request)
    with form.saving(), never_locked_out():
        moved = suspend_provider(pk, by=request.viewer, at=request.at)
    if form.failed:
        return show_suspension(request, provider, form)
    said = ngettext("%(n)d ticket has moved.", "%(n)d tickets have moved.", len(moved)) % {"n": len(moved)}
    messages.success(request, _("%(name)s is out.") % {"name": provider.name} + " " + said)
    return redirect("setup:provider", pk)


@guarded
def take_back(request: Request, pk: int) -> HttpResponse:
    provider = existing(request, pk)
    form = Form.typed(request)
    with form.saving():
        resume(pk, by=signed(request.viewer, "tickets.company_lead"), at=request.at)
    if form.failed:
        return PROVIDERS.form_page(request, provider, failed_beside(provider, form))
    messages.success(request, _("%(name)s is back. Tickets that moved stay where they are.") % {"name": provider.name})
    return redirect("setup:provider", pk)


def failed_beside(provider: Provider, form: Form) -> Form:
    """The provider's own form, with the trouble of another button on the page."""
    shown_again = Form(shown(provider), choices=choices(provider))
    shown_again.status, shown_again.trouble, shown_again.cure = form.status, form.trouble, form.cure
    return shown_again


def existing(request: Request, pk: int) -> Provider:
    """The provider, for those who may suspend one."""
    if not request.viewer.may("tickets.company_lead"):
        raise Http404
    return get_object_or_404(rows(), pk=pk)


def show_suspension(request: Request, provider: Provider, form: Form) -> HttpResponse:
    return page(
        request, "setup/suspension.html", here="providers", status=form.status, form=form, row=provider,
        moving=open_at(provider), into=takes_over(provider),
    )  # fmt: skip


def open_at(provider: Provider) -> int:
    """How many open tickets its teams have, or are asked about."""
    teams = list(Team.objects.filter(provider=provider).values_list("pk", flat=True))
    asked = Q(holder=Holder.TEAM, holder_id__in=teams)
    tickets = Ticket.objects.unscoped(reason="a number only: how much would move if this provider were suspended")
    return int(tickets.filter(Q(team__in=teams) | asked, phase=Phase.OPEN, closed_at__isnull=True).count())


def takes_over(provider: Provider) -> Team | None:
    """Who gets most of them: the team that was named, else the in-house team for new tickets."""
    named = provider.fallback_team
    if named is not None and named.active and named.provider.active and named.provider.suspended_at is None:
        return named
    usable = Team.objects.filter(active=True, provider__active=True, provider__suspended_at=None)
    inhouse = usable.filter(provider__kind=Provider.Kind.INTERNAL).exclude(provider=provider)
    return inhouse.select_related("provider").order_by("-triage", "pk").first()


# --- the noun ---


def rows() -> QuerySet[Provider]:
    return Provider.objects.select_related("fallback_team__provider").annotate(
        team_count=Count("teams", filter=Q(teams__active=True), distinct=True),
        people=Count("memberships", filter=Q(memberships__ended_at__isnull=True), distinct=True),
    )


def line(row: Provider) -> Row:
    teams, people = getattr(row, "team_count", 0), getattr(row, "people", 0)
    about: list[str | Promise] = [
        _("suspended") if row.suspended_at else "",
        _("in-house") if row.internal else _("outside"),
        ngettext("%(n)d team", "%(n)d teams", teams) % {"n": teams},
        ngettext("%(n)d person", "%(n)d people", people) % {"n": people},
    ]
    return Row(
        reverse("setup:provider", args=[row.pk]), row.name, about, off=not row.active, hue=row.hue, code=row.code
    )


def shown(row: Provider) -> Values:
    return {
        "name": row.name,
        "kind": row.kind,
        "zone": row.zone,
        "hue": row.hue,
        "fallback_team": row.fallback_team_id or "",
        "active": row.active,
    }


def entry(form: Form) -> ProviderEntry:
    return ProviderEntry(
        name=form.text("name"), kind=form.text("kind"), zone=form.text("zone"), hue=form.whole("hue"),
        fallback_team=form.chosen("fallback_team"), active=form.ticked("active"),
    )  # fmt: skip


def change(row: Provider, form: Form, act: Acting) -> None:
    with never_locked_out():
        change_provider(row.pk, entry(form), by=act.stamp, at=act.at)


def choices(row: Provider | None) -> dict[str, Options]:
    others = Team.objects.filter(active=True).exclude(provider=row.pk if row else None).select_related("provider")
    teams: Options = [(team.pk, f"{team.name} ({team.provider.name})") for team in others.order_by("name")[:MOST]]
    return {"kind": list(KINDS.items()), "fallback_team": teams}


def beside(request: Request, row: Provider | None) -> dict[str, Any]:
    wearing = defaultdict(list)
    for pk, hue, name in Provider.objects.values_list("pk", "hue", "name"):
        if row is None or pk != row.pk:
            wearing[hue].append(name)
    teams = list(Team.objects.filter(provider=row).order_by("name").annotate(people=Count("members"))) if row else []
    free = next((hue for hue in HUES if hue not in wearing), 12)
    leads = request.viewer.may("tickets.company_lead")
    return {
        "zones": zones(),
        "hues": list(HUES),
        "wearing": dict(wearing),
        "free": free,
        "teams": teams,
        "may_suspend": leads,
    }


PROVIDERS = Noun(
    one="provider",
    many="providers",
    permission="providers.manage",
    model=Provider,
    said=Said(
        title=gettext_lazy("Providers and teams"),
        about=gettext_lazy("Who does the work. Your own people are a provider too, measured with the same yardstick."),
        add=gettext_lazy("Add a provider"),
        empty=gettext_lazy("No provider yet"),
        lesson=gettext_lazy("Begin with your own people: an in-house provider, and a team that gets new tickets."),
    ),
    rows=rows,
    line=line,
    blank={"code": "", "name": "", "kind": "external", "zone": "", "hue": "", "fallback_team": "", "active": True},
    shown=shown,
    choices=choices,
    add=lambda form, act: add_provider(form.text("code"), entry(form), by=act.stamp, at=act.at),
    change=change,
    beside=beside,
    after=lambda row: reverse("setup:provider", args=[row.pk]),
)
