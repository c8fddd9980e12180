"""The keys of the desk are never thrown away: somebody in-house who can sign in may always change roles."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _

from helmdesk.people.models import Role
from helmdesk.providers.models import Membership, Provider
from helmdesk.tickets.refusals import Refused

KEY = "roles.manage"


@contextmanager
def never_locked_out() -> Iterator[None]:
    """Within a transaction: refuses, once it is done, what leaves nobody who may change roles."""
    had = anybody_left()
    yield
    if had and not anybody_left():
        raise Refused(
            "locked_out", _("Then nobody who can sign in could change roles any more."),
            cure=_("Give somebody else in-house a role that may, first."),
        )  # fmt: skip


def anybody_left() -> bool:
    roles = [role.pk for role in Role.objects.all() if KEY in role.permissions]
    working = Membership.objects.filter(ended_at__isnull=True, provider__active=True, provider__suspended_at=None)
    inhouse = working.filter(provider__kind=Provider.Kind.INTERNAL, roles__in=roles)
    return inhouse.filter(person__active=True, person__account__is_active=True).exists()
