"""Who asks: managers of the company, who see figures and set levels; for others there is nothing here."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final

from django.http import Http404, HttpResponse

from helmdesk.access.viewer import Viewer
from helmdesk.measures.judging.models import Judging
from helmdesk.web.visitor import Request

NEEDS: Final = ("measures.view", "levels.manage")


def may_judge(viewer: Viewer) -> bool:
    return viewer.working and viewer.internal and all(viewer.may(permission) for permission in NEEDS)


def for_managers[**P](view: Callable[Concatenate[Request, P], HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not may_judge(request.viewer):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def mine(request: Request, pk: int) -> Judging:
    """A judging of one's own: it counts what its asker may see, so it is nobody else's."""
    row = Judging.objects.filter(pk=pk, person=request.viewer.person).first()
    if row is None:
        raise Http404
    return row
