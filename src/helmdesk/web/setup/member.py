"""Who works where: joining a provider, moving, leaving; in which teams, leading which, in which roles."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from helmdesk.access.allowed import signed
from helmdesk.foundation.errors import BadEntry
from helmdesk.people.models import Role
from helmdesk.people.permissions import GUEST_MAY
from helmdesk.providers import memberships
from helmdesk.providers.models import Membership, Provider, Team, TeamMembership
from helmdesk.web.setup.doors import MEMBERS, named, needs, page
from helmdesk.web.setup.forms import Form, Options, Values
from helmdesk.web.setup.keyholders import never_locked_out
from helmdesk.web.setup.lists import clean
from helmdesk.web.setup.person import meant
from helmdesk.web.templating import local
from helmdesk.web.visitor import Request

PAGE = 50
IN, LEADS = "in", "leads"


@needs(*MEMBERS)
def members(request: Request) -> HttpResponse:
    typed, provider = clean(request.GET.get("q", "")), clean(request.GET.get("provider", ""))
    rows = Membership.objects.filter(ended_at__isnull=True).select_related("person", "provider")
    if provider:
        rows = rows.filter(provider__code=provider)
    if typed:
        rows = rows.filter(Q(person__name__icontains=typed) | Q(teams__name__icontains=typed)).distinct()
    after = request.GET.get("after", "")
    if after.isascii() and after.isdecimal() and len(after) <= 18:
        rows = rows.filter(pk__gt=int(after))
    inside = Prefetch("teammembership_set", TeamMembership.objects.select_related("team").order_by("team__name"))
    found = list(rows.order_by("pk").prefetch_related("roles", inside)[: PAGE + 1])
    kept = {name: value for name, value in (("provider", provider), ("q", typed)) if value}
    return page(
        request, "setup/members.html", here="members", typed=typed, kept=kept, first=after and "?" + urlencode(kept),
        rows=[(row, named(row.person, request.viewer)) for row in found[:PAGE]],
        more="?" + urlencode({**kept, "after": found[PAGE - 1].pk}) if len(found) > PAGE else "",
        providers=list(Provider.objects.order_by("name").values_list("code", "name")[:50]), provider=provider,
    )  # fmt: skip


@needs("providers.manage")
def new(request: Request) -> HttpResponse:
    given = {name: clean(request.GET.get(name, "")) for name in ("person", "provider")}
    return show_new(request, Form(given, choices=providers()))


@needs("providers.manage")
def create(request: Request) -> HttpResponse:
    form, made = Form.typed(request, choices=providers()), None
    with form.saving():
        by = signed(request.viewer, "providers.manage")
        person = meant(form.text("person"), field="person")
        provider = form.chosen("provider")
        if provider is None:
            raise BadEntry("provider", "", _("Choose whom they work for."))
        made = memberships.join(person.pk, provider=provider, by=by, at=request.at)
    if form.failed or made is None:
        return show_new(request, form)
    messages.success(request, _("They work there from now on. Give them teams and roles."))
    return redirect("setup:member", made.pk)


@needs(*MEMBERS)
def show(request: Request, pk: int) -> HttpResponse:
    return show_member(request, get_object_or_404(Membership, pk=pk))


@needs("providers.manage")
def set_teams(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(Membership, pk=pk)
    form = Form.typed(request)
    with form.saving():
        form.must_still_be(lambda: teams_shown(row))
        by = signed(request.viewer, "providers.manage")
        for name, had in teams_shown(row).items():
            wanted, team = form.text(name), int(name.removeprefix("team_"))
            if wanted not in ("", IN, LEADS):
                raise BadEntry(name, wanted, _("Choose one of the list."))
            elif wanted == had:
                continue
            elif wanted == "":
                memberships.leave_team(pk, team=team, by=by, at=request.at)
            else:
                memberships.join_team(pk, team=team, lead=wanted == LEADS, by=by, at=request.at)
    return answer(request, row, teams=form)


@needs("roles.manage")
def set_roles(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(Membership, pk=pk)
    form = Form.typed(request, lists=("roles",), choices={"roles": roles()})
    with form.saving(), never_locked_out():
        form.must_still_be(lambda: roles_shown(row))
        memberships.set_roles(
            pk, form.all_chosen("roles"), by=signed(request.viewer, "roles.manage"), at=request.at
        )  # fmt: skip
    return answer(request, row, roles=form)


@needs("providers.manage")
def move(request: Request, pk: int) -> HttpResponse:
    """To another provider; teams and roles are given anew."""
    row, made = get_object_or_404(Membership, pk=pk), None
    form = Form.typed(request, choices=providers())
    with form.saving(), never_locked_out():
        provider = form.chosen("provider")
        if provider is None:
            raise BadEntry("provider", "", _("Choose whom they work for."))
        by = signed(request.viewer, "providers.manage")
        made = memberships.move(pk, provider=provider, by=by, at=request.at)
    return answer(request, made or row, move=form)


@needs("providers.manage")
def end(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(Membership, pk=pk)
    form = Form.typed(request)
    with form.saving(), never_locked_out():
        memberships.leave(pk, by=signed(request.viewer, "providers.manage"), at=request.at)
    if form.failed:
        return show_member(request, row, move=form)
    messages.success(request, _("They have left. What they did stays theirs."))
    return redirect("setup:members")


def answer(request: Request, row: Membership, **forms: Form) -> HttpResponse:
    if any(form.failed for form in forms.values()):
        return show_member(request, row, **forms)
    messages.success(request, _("Saved."))
    return redirect("setup:member", row.pk)


def show_member(request: Request, row: Membership, **forms: Form) -> HttpResponse:
    places = list(Team.objects.filter(provider=row.provider_id).order_by("name"))
    kept = {
        "teams": Form(teams_shown(row)),
        "roles": Form(roles_shown(row)),
        "move": Form({"provider": ""}, choices=providers()),
        **forms,
    }
    return page(
        request, "setup/member.html", here="members", row=row, name=named(row.person, request.viewer), forms=kept,
        status=next((form.status for form in forms.values() if form.failed), 200), teams_there=places,
        roles=roles_with_sentences(row), may_move=request.viewer.may("providers.manage"),
        may_roles=request.viewer.may("roles.manage"), may_people=request.viewer.may("people.manage"),
    )  # fmt: skip


def show_new(request: Request, form: Form) -> HttpResponse:
    return page(request, "setup/new_member.html", here="members", status=form.status, form=form)


def teams_shown(row: Membership) -> Values:
    there = dict(TeamMembership.objects.filter(membership=row).values_list("team_id", "lead"))
    teams = Team.objects.filter(provider=row.provider_id).order_by("pk").values_list("pk", flat=True)
    return {f"team_{pk}": "" if pk not in there else LEADS if there[pk] else IN for pk in teams}


def roles_shown(row: Membership) -> Values:
    return {"roles": sorted(row.roles.values_list("pk", flat=True))}


def roles() -> Options:
    return [(pk, local(name)) for pk, name in Role.objects.order_by("pk").values_list("pk", "name")]


def roles_with_sentences(row: Membership) -> list[tuple[int, str, int, int]]:
    """Each role, and how much of it counts here: guests are never allowed everything."""
    counted = []
    for role in Role.objects.order_by("pk"):
        allowed = role.allowed()
        counted.append(
            (role.pk, local(role.name), len(allowed), len(allowed if row.provider.internal else allowed & GUEST_MAY))
        )
    return counted


def providers() -> dict[str, Options]:
    return {"provider": list(Provider.objects.filter(active=True).order_by("name").values_list("pk", "name")[:1000])}
