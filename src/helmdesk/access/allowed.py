"""Where a permission becomes a signature: rooms below take the Stamp that only this hands out."""

from helmdesk.access.viewer import Viewer
from helmdesk.ledger.chain import Stamp
from helmdesk.people.permissions import PERMISSIONS


class NotAllowed(Exception):
    """The viewer's roles do not allow this; `permission` names what would."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"This needs the permission {permission}: {PERMISSIONS[permission]}. Ask who gives roles.")
        self.permission = permission


def signed(viewer: Viewer, permission: str) -> Stamp:
    """The signature of a viewer who may do this: `add_tag("vip", by=signed(viewer, "catalogue.manage"), at=at)`."""
    if not viewer.may(permission):
        raise NotAllowed(permission)
    return viewer.stamp
