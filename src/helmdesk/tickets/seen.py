"""The one definition of "may see", written once as queries. Every list, count, search, page and export uses it.

A query on tickets, threads or messages refuses to run unless it has been told who is looking (`visible_to`) or why
nobody is (`unscoped`).
"""

from collections.abc import Iterator
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from helmdesk.access.viewer import Viewer, readable_audiences
from helmdesk.ledger.models import Hat


class NobodyLooks(RuntimeError):
    """A query that was about to run without saying who is looking."""


class ScopedQuery(models.QuerySet[Any, Any]):
    """Refuses to touch the database until `.visible_to(viewer)` or `.unscoped(reason=…)` was called."""

    _looked_at: str | None = None

    def _clone(self) -> Self:
        clone = super()._clone()  # type: ignore[misc]
        clone._looked_at = self._looked_at
        return clone  # type: ignore[no-any-return]

    def unscoped(self, *, reason: str) -> Self:
        """Everything, for the reason given; a test lists every such place."""
        if not reason:
            raise ValueError("reason: say why nobody's view bounds this query")
        return self._seen(reason)

    def _seen(self, why: str) -> Self:
        clone = self._clone()
        clone._looked_at = why
        return clone

    def _check(self) -> None:
        if self._looked_at is None:
            raise NobodyLooks(f"{self.model.__name__}: call .visible_to(viewer) or .unscoped(reason=…) first")

    def _fetch_all(self) -> None:
        self._check()
        super()._fetch_all()

    def iterator(self, chunk_size: int | None = None) -> Iterator[Any]:
        self._check()
        return super().iterator(chunk_size)

    def count(self) -> int:
        self._check()
        return super().count()

    def exists(self) -> bool:
        self._check()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._check()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._check()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._check()
        return super().delete()


class TicketQuery(ScopedQuery):
    def visible_to(self, viewer: Viewer) -> Self:
        """Tickets that the viewer may see: by scope, by a share, or as requester or participant."""
        condition = may_see(viewer)
        return (self if condition is None else self.filter(condition))._seen(f"{viewer.hat.label}")

    def still_open(self) -> Self:
        """Not closed: the queue's set, served by partial indexes whose size follows the backlog."""
        return self.filter(closed_at__isnull=True)

    def newest_first(self) -> Self:
        return self.order_by("-updated_at", "-pk")

    def before(self, updated_at: Any, pk: int) -> Self:
        """The next page of `newest_first`, after the row with this key."""
        return self.filter(Q(updated_at__lt=updated_at) | Q(updated_at=updated_at, pk__lt=pk))


def may_see(viewer: Viewer, prefix: str = "") -> Q | None:
    """`visible_to` as a condition, on tickets or (with a prefix such as `ticket__`) on what hangs on them."""
    if viewer.hat == Hat.SYSTEM:
        return None
    mine = own(viewer, prefix)
    if viewer.hat != Hat.MEMBER:
        return mine
    scopes = viewer.scopes.as_q(f"{prefix}scope")
    condition = mine if scopes is None else scopes | mine
    if viewer.shares:
        condition |= _shared(viewer, prefix[:-2] if prefix else "pk")
    return condition


def own(viewer: Viewer, prefix: str = "") -> Q:
    """Tickets on which the viewer is requester or participant."""
    if viewer.person is None:
        return Q(pk__in=[])
    taking_part = apps.get_model("helmdesk", "Participant").objects.filter(person=viewer.person).values("ticket")
    field = f"{prefix[:-2]}__in" if prefix else "pk__in"
    return Q(**{f"{prefix}requester": viewer.person}) | Q(**{field: taking_part})


def _shared(viewer: Viewer, ticket: str) -> Q:
    # Asked row by row: a provider that held a hundred thousand tickets would else have them all listed first.
    shares = apps.get_model("helmdesk", "Share").objects.filter(provider=viewer.provider, ended_at__isnull=True)
    return Q(Exists(shares.filter(ticket=OuterRef(ticket))))


class _InTicket(ScopedQuery):
    def visible_to(self, viewer: Viewer) -> Self:
        """Those of tickets that the viewer may see AND in an audience that they belong to.

        On a ticket of their own a member reads as requester: its side threads do not exist for them.
        """
        if viewer.hat == Hat.SYSTEM:
            return self._seen("system")
        mine = own(viewer, "ticket__")
        as_requester = mine & Q(audience__requester=True)
        if viewer.hat != Hat.MEMBER:
            return self.filter(as_requester)._seen("requester")
        seen = may_see(viewer, "ticket__")
        at_work = readable_audiences(viewer) & ~mine
        return self.filter((at_work if seen is None else at_work & seen) | as_requester)._seen("member")


class ThreadQuery(_InTicket):
    pass


class MessageQuery(_InTicket):
    pass
