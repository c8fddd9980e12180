"""The routes of setting up. Every address is a noun: shown by GET, added and changed by POST."""

from typing import Any

from django.urls import include, path, register_converter

from helmdesk.web.setup import (
    account,
    address,
    calendar,
    erasure,
    grant,
    level,
    member,
    own_field,
    people_file,
    person,
    priority,
    provider,
    role,
    standing,
    tag,
)
from helmdesk.web.setup.category import CATEGORIES
from helmdesk.web.setup.company import COMPANIES
from helmdesk.web.setup.department import DEPARTMENTS
from helmdesk.web.setup.doors import on
from helmdesk.web.setup.noun import Noun
from helmdesk.web.setup.overview import overview
from helmdesk.web.setup.provider import PROVIDERS
from helmdesk.web.setup.service import SERVICES
from helmdesk.web.setup.site import SITES
from helmdesk.web.setup.team import TEAMS


class Id:
    """An id of ours, short enough for a database."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(Id, "id")

app_name = "setup"
people = [
    path("people/", on(get=person.people, post=person.create), name="people"),
    path("people/new", on(get=person.new), name="new_person"),
    path("people/import", on(get=people_file.new, post=people_file.create), name="import"),
    path("people/<id:pk>", on(get=person.show, post=person.change), name="person"),
    path("people/<id:pk>/addresses", on(post=address.create), name="addresses"),
    path("people/<id:pk>/addresses/<id:address>/verification", on(post=address.verify), name="address_verification"),
    path("people/<id:pk>/addresses/<id:address>/removal", on(post=address.remove), name="address_removal"),
    path("people/<id:pk>/account", on(post=account.create), name="account"),
    path("people/<id:pk>/account/address", on(post=account.move), name="sign_in"),
    path("people/<id:pk>/account/second-factor", on(post=account.require), name="second_factor"),
    path("people/<id:pk>/account/invitation", on(post=account.invite), name="invitation"),
    path("people/<id:pk>/ending", on(post=standing.end), name="ending"),
    path("people/<id:pk>/return", on(post=standing.take_back), name="return"),
    path("people/<id:pk>/hold", on(post=standing.hold), name="hold"),
    path("people/<id:pk>/hold/removal", on(post=standing.lift_hold), name="hold_removal"),
    path("people/<id:pk>/merging", on(get=standing.merging, post=standing.merge), name="merging"),
    path("people/<id:pk>/merging/removal", on(post=standing.unmerge), name="merging_removal"),
    path("people/<id:pk>/erasure", on(get=erasure.erasure, post=erasure.erase), name="erasure"),
]
catalogue = [
    path("tags/", on(get=tag.tags, post=tag.create), name="tags"),
    path("fields/", on(get=own_field.fields, post=own_field.create), name="fields"),
    path("fields/new", on(get=own_field.new), name="new_field"),
    path("fields/<slug:code>", on(get=own_field.show, post=own_field.change), name="field"),
    path("priority/", on(get=priority.priority, post=priority.create), name="priority"),
]
providers = [
    path("providers/<id:pk>/suspension", on(get=provider.suspension, post=provider.suspend), name="suspension"),
    path("providers/<id:pk>/suspension/removal", on(post=provider.take_back), name="suspension_removal"),
    path("members/", on(get=member.members, post=member.create), name="members"),
    path("members/new", on(get=member.new), name="new_member"),
    path("members/<id:pk>", on(get=member.show), name="member"),
    path("members/<id:pk>/teams", on(post=member.set_teams), name="member_teams"),
    path("members/<id:pk>/roles", on(post=member.set_roles), name="member_roles"),
    path("members/<id:pk>/provider", on(post=member.move), name="member_provider"),
    path("members/<id:pk>/ending", on(post=member.end), name="member_ending"),
    path("grants/", on(get=grant.all_grants, post=grant.create), name="grants"),
    path("grants/new", on(get=grant.new), name="new_grant"),
    path("grants/<id:pk>", on(get=grant.show, post=grant.change), name="grant"),
    path("grants/<id:pk>/ending", on(post=grant.revoke), name="grant_ending"),
]
nouns: list[Noun[Any]] = [DEPARTMENTS, SITES, SERVICES, CATEGORIES, COMPANIES, PROVIDERS, TEAMS]
versioned = [*calendar.routes(), *level.routes()]
inside = [path("", on(get=overview), name="home"), *people, *catalogue, *providers, *role.routes(), *versioned]
for noun in nouns:
    inside += noun.routes()

urlpatterns = [path("setup/", include(inside))]
