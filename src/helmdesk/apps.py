"""The one Django app: every room's models live under this label."""

from django.apps import AppConfig


class HelmdeskConfig(AppConfig):
    name = "helmdesk"
    label = "helmdesk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate  # noqa: TID251 (the framework's own fact, not ours)

        from helmdesk.config import wiring
        from helmdesk.ledger import triggers

        wiring.connect()
        post_migrate.connect(triggers.install, sender=self)
