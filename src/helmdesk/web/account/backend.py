"""Whether an account still is somebody who may come in; asked at sign-in and again on every request."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from helmdesk.people.models import Account
from helmdesk.web.account.session import account_of


class AccountBackend(AuthenticationBackend):
    """Passwords as allauth checks them (the same work for an unknown address), the account with its person."""

    def get_user(self, user_id: int) -> Account | None:
        account = account_of(user_id)
        return account if account is not None and self.user_can_authenticate(account) else None

    def user_can_authenticate(self, user: Any) -> bool:
        person = user.person
        ended = person is not None and (
            not person.active or person.erased_at is not None or person.merged_into_id is not None
        )
        return bool(user.is_active) and not ended
