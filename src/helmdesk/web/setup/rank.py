"""Who may do more than whom: how such a person signs in is not for others to change."""

from django.utils.translation import gettext as _

from helmdesk.access.viewer import Viewer, permissions_of
from helmdesk.people.permissions import GUEST_MAY
from helmdesk.providers.models import Membership
from helmdesk.tickets.refusals import Refused


def outranks(viewer: Viewer, person: int) -> bool:
    """Whether somebody may do more than the viewer, everyday work on tickets aside."""
    row = Membership.objects.filter(person=person, ended_at__isnull=True).select_related("provider").first()
    if row is None or person == viewer.person:
        return False
    theirs = permissions_of(row.pk) if row.provider.internal else permissions_of(row.pk) & GUEST_MAY
    return not all(viewer.may(permission) or permission in GUEST_MAY for permission in theirs)


def must_not_outrank(viewer: Viewer, person: int) -> None:
    """Or people could be let in as somebody who may do more than who lets them in."""
    if outranks(viewer, person):
        raise Refused(
            "outranked", _("This person may do more than you."),
            cure=_("How they sign in is changed by somebody who may do as much."),
        )  # fmt: skip
