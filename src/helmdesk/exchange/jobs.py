"""What this room does by the clock."""

from datetime import timedelta

from helmdesk.foundation.jobs import schedule, task


@task
def keep_register() -> None:
    """Notes outside the database what was erased, so that a restore can forget it again."""
    from helmdesk.exchange import register

    register.keep()


schedule("exchange.register", task=keep_register, every=timedelta(minutes=5))
