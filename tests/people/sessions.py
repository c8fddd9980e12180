"""A browser that is signed in: its session, and whom it still is."""

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from helmdesk.people.models import Account


def session_of(account: Account, *, listed: bool = True) -> str:
    store = SessionStore()
    store[SESSION_KEY] = str(account.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = account.get_session_auth_hash()
    store.save()
    assert store.session_key
    if listed:
        UserSession.objects.create(user=account, ip="192.0.2.1", session_key=store.session_key, user_agent="test")
    return store.session_key


def comes_in(key: str) -> Account | None:
    """Whom a browser with this session is."""
    request = HttpRequest()
    request.session = SessionStore(key)
    user = get_user(request)
    return user if isinstance(user, Account) else None
