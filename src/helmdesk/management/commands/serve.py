"""`helmdesk serve`: pages, live streams and jobs under one parent."""

import sys
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Serve the desk: pages, live streams and jobs, until stopped."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=settings.HELMDESK_WORKERS, help="page processes")
        parser.add_argument("--no-jobs", action="store_true", help="leave jobs to `helmdesk worker`")

    def handle(self, *, host: str, port: int, workers: int, no_jobs: bool, **options: Any) -> None:
        grave = [problem for problem in import_module(settings.HELMDESK_CHECKS).everything() if problem.grave]
        if grave:
            raise CommandError("\n".join(["The desk cannot start.", *map(str, grave)]))
        server = import_module(settings.HELMDESK_SERVER)
        try:
            sys.exit(server.serve(host=host, port=port, workers=max(1, workers), jobs=not no_jobs))
        except server.CannotStart as error:
            raise CommandError(str(error)) from error
