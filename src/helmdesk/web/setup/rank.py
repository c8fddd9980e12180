"""Who may do more than whom: how such a person signs in is not for others to change."""

from django.utils.translation import gettext as _

from helmdesk.access.viewer import Viewer
from helmdesk.people.permissions import GUEST_MAY, PERMISSIONS
from helmdesk.providers.models import Membership
from helmdesk.tickets.refusals import Refused


def outranks(viewer: Viewer, person: int) -> bool:
    """Whether somebody may do more than the viewer, everyday work on tickets aside."""
    row = Membership.objects.filter(person=person, ended_at__isnull=True).select_related("provider").first()
    return row is not None and may_do_more(row, than=viewer)


def may_do_more(row: Membership, *, than: Viewer) -> bool:
    """The same of a membership whose provider and roles are at hand."""
    if row.person_id == than.person:
        return False
    roles = {permission for role in row.roles.all() for permission in role.permissions} & PERMISSIONS.keys()
    theirs = roles if row.provider.internal else roles & GUEST_MAY
    return not all(than.may(permission) or permission in GUEST_MAY for permission in theirs)


def must_not_outrank(viewer: Viewer, person: int) -> None:
    """Or people could be let in as somebody who may do more than who lets them in."""
    if outranks(viewer, person):
        raise Refused(
            "outranked", _("This person may do more than you."),
            cure=_("How they sign in is changed by somebody who may do as much."),
        )  # fmt: skip
