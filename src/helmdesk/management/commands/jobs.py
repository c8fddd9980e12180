"""`helmdesk jobs`: what waits, what died and why; let it run again, or drop it."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from helmdesk.foundation.jobs import queue
from helmdesk.foundation.jobs.models import UNFINISHED, Job
from helmdesk.foundation.time import now


class Command(BaseCommand):
    help = "List jobs that wait, run or are given up; retry or drop those given up."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", metavar="list | retry | drop")
        listing = acts.add_parser("list", help="what waits, runs or is given up")
        listing.add_argument("--limit", type=int, default=50)
        listing.add_argument("--json", action="store_true")
        for name, told in (("retry", "run jobs given up again"), ("drop", "forget jobs given up")):
            act = acts.add_parser(name, help=told)
            act.add_argument("ids", nargs="*", type=int, metavar="ID")
            act.add_argument("--all", action="store_true", help="every job given up")

    def handle(self, *args: Any, act: str | None = None, **options: Any) -> None:
        at = now()
        if act in (None, "list"):
            self.tell(limit=options.get("limit", 50), as_json=options.get("json", False), at=at)
        elif act == "retry":
            self.stdout.write(f"{queue.revive(self.chosen(**options), at=at)} will run again")
        else:
            self.stdout.write(f"{queue.drop(self.chosen(**options))} dropped")

    def chosen(self, *, ids: list[int], **options: Any) -> list[Job]:
        """The dead letters meant; nothing is done when one of them is none."""
        if bool(ids) == options["all"]:
            raise CommandError("Give the ids of jobs that were given up (see `helmdesk jobs list`), or --all.")
        found: list[Job] = list(queue.dead() if options["all"] else queue.dead().filter(pk__in=ids))
        unknown = sorted(set(ids) - {job.pk for job in found})
        if unknown:
            raise CommandError(f"Not given up, or unknown: {', '.join(map(str, unknown))}. Nothing was done.")
        return found

    def tell(self, *, limit: int, as_json: bool, at: datetime) -> None:
        load = queue.load(at=at)
        jobs = [*queue.dead().order_by("-died_at")[:limit], *unfinished()[:limit]]
        if as_json:
            counts = {"waiting": load.waiting, "running": load.running, "dead": load.dead}
            self.stdout.write(json.dumps({**counts, "jobs": [row(job) for job in jobs]}, indent=2))
            return
        self.stdout.write(f"{load.waiting} waiting, {load.running} running, {load.dead} given up")
        for job in jobs:
            self.stdout.write(
                f"{job.pk:>8}  {job.status:<8} {job.attempts:>2}x  {job.run_at:%Y-%m-%d %H:%M:%S}  {job.name}"
            )
            for line in job.last_error.splitlines():
                self.stdout.write(f"{'':>12}{line}")


def unfinished() -> QuerySet[Job]:
    return Job.objects.filter(UNFINISHED).order_by("-priority", "run_at", "pk")


def row(job: Job) -> dict[str, Any]:
    return {
        "id": job.pk,
        "name": job.name,
        "status": job.status,
        "queue": job.queue,
        "attempts": job.attempts,
        "run_at": job.run_at.isoformat(),
        "args": job.args,
        "last_error": job.last_error.splitlines(),
    }
