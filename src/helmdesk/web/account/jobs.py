"""The housekeeping of sessions."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from helmdesk.foundation.jobs import schedule, task


@task
def forget_expired_sessions() -> None:
    """Removes what nobody can sign in with any more, and its line in the list of devices."""
    SessionStore.clear_expired()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


schedule("account.sessions", every=timedelta(hours=24), task=forget_expired_sessions)
