"""Sign-ins that end: sessions and the tokens behind links, for good and at once."""

from collections.abc import Collection

from allauth.account.models import EmailConfirmation
from allauth.socialaccount.models import SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from helmdesk.people.models import Account


def end_sessions(persons: Collection[int]) -> int:
    """Ends every session of these persons, listed or not, and says how many there were."""
    accounts = set(Account.objects.filter(person__in=persons).values_list("pk", flat=True))
    if not accounts:
        return 0
    signed_in = {str(pk) for pk in accounts}
    keys = [row.pk for row in Session.objects.iterator() if row.get_decoded().get(SESSION_KEY) in signed_in]
    listed = UserSession.objects.filter(user__in=accounts)
    keys += listed.values_list("session_key", flat=True)
    ended, _ = Session.objects.filter(pk__in=keys).delete()
    listed.delete()
    return ended


def end_tokens(account: int) -> None:
    """Ends what lies in the database behind links and other systems' sign-ins.

    A link to set a password is bound to the password that was: it ends with it.
    """
    EmailConfirmation.objects.filter(email_address__user=account).delete()
    SocialToken.objects.filter(account__user=account).delete()
