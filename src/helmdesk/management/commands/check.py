"""`helmdesk check`: names each wrong setting and its cure, after Django's own checks."""

import sys
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.management.commands.check import Command as DjangoCheck


class Command(DjangoCheck):
    help = "Name each wrong setting and its cure."

    def handle(self, *app_labels: Any, **options: Any) -> None:
        super().handle(*app_labels, **options)
        problems = import_module(settings.HELMDESK_CHECKS).everything()
        for problem in problems:
            self.stdout.write(str(problem))
        if any(problem.grave for problem in problems):
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS("The desk can start."))
