"""Background jobs: what waits, what runs, what was given up; let it run again, or drop it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from helmdesk.foundation.jobs import queue
from helmdesk.foundation.jobs.models import UNFINISHED, Job
from helmdesk.service_levels import retiming
from helmdesk.web.setup.doors import needs, page
from helmdesk.web.visitor import Request

guarded = needs("jobs.manage")
MOST = 50
AT_ONCE = 1000


@guarded
def jobs(request: Request) -> HttpResponse:
    dead = list(queue.dead().order_by("-died_at")[: MOST + 1])
    coming = list(Job.objects.filter(UNFINISHED).order_by("-priority", "run_at", "pk")[: MOST + 1])
    return page(
        request, "jobs/queue.html", here="jobs", load=queue.load(at=request.at), most=MOST,
        timing=retiming.under_way(),
        dead=[(job, short(job), job.last_error.splitlines()) for job in dead[:MOST]],
        coming=[(job, short(job)) for job in coming[:MOST]],
    )  # fmt: skip


@guarded
def retry(request: Request, pk: int) -> HttpResponse:
    return retried(request, queue.revive(given_up(pk), at=request.at))


@guarded
def drop(request: Request, pk: int) -> HttpResponse:
    return dropped(request, queue.drop(given_up(pk)))


@guarded
def retry_all(request: Request) -> HttpResponse:
    return retried(request, queue.revive(list(queue.dead()[:AT_ONCE]), at=request.at))


@guarded
def drop_all(request: Request) -> HttpResponse:
    return dropped(request, queue.drop(list(queue.dead()[:AT_ONCE])))


def given_up(pk: int) -> list[Job]:
    """The job, when it was given up."""
    found = list(queue.dead().filter(pk=pk))
    if not found:
        raise Http404
    return found


def short(job: Job) -> str:
    """The last words of its name: `seal_the_day`."""
    return job.name.rpartition(".")[2].replace("_", " ")


def retried(request: Request, count: int) -> HttpResponse:
    said = ngettext("%(n)d job runs again.", "%(n)d jobs run again.", count) % {"n": count}
    messages.success(request, said if count else _("Nothing was given up."))
    return redirect("jobs:home")


def dropped(request: Request, count: int) -> HttpResponse:
    said = ngettext("%(n)d job was dropped.", "%(n)d jobs were dropped.", count) % {"n": count}
    messages.success(request, said if count else _("Nothing was given up."))
    return redirect("jobs:home")
