"""Roles: named permissions, in one matrix that says what each allows and what guests can never have."""

from django.db.models import Count
from django.http import HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from helmdesk.people.models import Role
from helmdesk.people.permissions import GUEST_MAY, PERMISSIONS
from helmdesk.people.roles import RoleEntry, add_role, change_role
from helmdesk.providers.models import Membership
from helmdesk.web.setup.doors import needs, on, page
from helmdesk.web.setup.forms import Form, Options, Values, names_shown
from helmdesk.web.setup.keyholders import never_locked_out
from helmdesk.web.setup.lists import Row, spoken
from helmdesk.web.setup.noun import Acting, Noun, Said
from helmdesk.web.templating import local
from helmdesk.web.visitor import Request


def matrix(request: Request) -> HttpResponse:
    roles = list(Role.objects.order_by("pk")[:60])
    holders = dict(
        Membership.roles.through.objects.filter(membership__ended_at__isnull=True)
        .values_list("role_id")
        .annotate(n=Count("pk"))
    )
    lines = [(code, sentence, code in GUEST_MAY) for code, sentence in PERMISSIONS.items()]
    return page(request, "setup/roles.html", here="roles", roles=roles, holders=holders, lines=lines)


def shown(row: Role) -> Values:
    return {**names_shown(row.name), "permissions": sorted(row.allowed())}


def entry(form: Form, row: Role | None) -> RoleEntry:
    return RoleEntry(form.names(row.name if row else None), form.all_texts("permissions"))


def change(row: Role, form: Form, act: Acting) -> None:
    with never_locked_out():
        change_role(row.pk, entry(form, row), by=act.stamp, at=act.at)


def choices(_row: Role | None) -> dict[str, Options]:
    return {"permissions": list(PERMISSIONS.items())}


ROLES = Noun(
    one="role",
    many="roles",
    permission="roles.manage",
    model=Role,
    said=Said(title=_("Roles"), about="", add=_("Add a role"), empty="", lesson=""),
    rows=Role.objects.all,
    line=lambda row: Row(reverse("setup:role", args=[row.pk]), local(row.name), []),
    named=spoken(),
    lists=("permissions",),
    blank={"code": "", **names_shown({}), "permissions": []},
    shown=shown,
    choices=choices,
    add=lambda form, act: add_role(form.text("code"), entry(form, None), by=act.stamp, at=act.at),
    change=change,
    beside=lambda _request, _row: {"guests": GUEST_MAY},
)


def routes() -> list[URLPattern]:
    """As of every noun, but the list is a matrix."""
    guarded = needs("roles.manage")
    listed = path("roles/", on(get=guarded(matrix), post=guarded(ROLES.create)), name="roles")
    return [listed, *ROLES.routes()[1:]]
