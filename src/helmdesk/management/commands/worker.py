"""`helmdesk worker`: jobs apart from pages."""

import sys
from argparse import ArgumentParser
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Run jobs and schedules, until stopped."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--processes", type=int, default=1)
        parser.add_argument("--threads", type=int, default=2, help="jobs at a time in each process")
        parser.add_argument("--queue", action="append", default=[], help="only these queues (may be repeated)")
        parser.add_argument("--lease", type=float, help="seconds after which a dead worker's job runs again (60)")

    def handle(self, *, processes: int, threads: int, queue: list[str], lease: float | None, **options: Any) -> None:
        grave = [problem for problem in import_module(settings.HELMDESK_CHECKS).everything() if problem.grave]
        if grave:
            raise CommandError("\n".join(["Jobs cannot start.", *map(str, grave)]))
        server = import_module(settings.HELMDESK_SERVER)
        lasting = timedelta(seconds=lease) if lease else None
        sys.exit(server.serve_jobs(processes=processes, threads=threads, queues=queue, lease=lasting))
