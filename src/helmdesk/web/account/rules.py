"""Where the desk departs from allauth: fixed addresses in links, who may sign up, what is mailed, what is sealed."""

from ipaddress import ip_address
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from helmdesk.foundation.sealing import seal, unseal
from helmdesk.people.models import Account
from helmdesk.web.account import mail, words
from helmdesk.web.account.joining import join_as_verified
from helmdesk.web.account.offers import device

TOTP = "totp"
SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class AccountRules(DefaultAccountAdapter):
    """Accounts, passwords, links."""

    error_messages: ClassVar = {**DefaultAccountAdapter.error_messages, **words.WRONG}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return bool(settings.HELMDESK_SIGNUP)

    def is_safe_url(self, url: str) -> bool:
        """Only pages of this desk, at its one address."""
        base = urlsplit(settings.HELMDESK_BASE_URL).netloc
        return url_has_allowed_host_and_scheme(url, allowed_hosts={base}, require_https=settings.HELMDESK_SECURE)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Where a request comes from: as the outermost of our own proxies saw it, else as we see it."""
        told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        proxies = settings.HELMDESK_PROXIES
        seen = told[-proxies] if 0 < proxies <= len(told) else ""
        return valid_address(seen) or valid_address(request.META.get("REMOTE_ADDR", "")) or "0.0.0.0"  # noqa: S104

    def pre_login(self, request: HttpRequest, user: Account, **how: Any) -> HttpResponse | None:
        """An account made by the company has no address that still waits to be confirmed."""
        if user.person_id is not None and not EmailAddress.objects.filter(user=user).exists():
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return super().pre_login(request, user, **how)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Who signed up becomes a person once the address has proved to be theirs."""
        confirmed = super().confirm_email(request, email_address)
        if confirmed:
            join_as_verified(email_address.user, at=request.at)  # type: ignore[attr-defined]
        return confirmed

    def get_reset_password_from_key_url(self, key: str) -> str:
        return mail.reset_link(key)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return settings.HELMDESK_BASE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    def add_message(  # noqa: PLR0917 (as allauth calls it)
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        said = message or words.SAID.get(message_template or "", "")
        if said:
            messages.add_message(request, level, str(said), extra_tags=extra_tags)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mail.send(template_prefix, email, context)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """One count an account, whichever of the desk's host names was asked."""
        return str(credentials.get("email", "")).strip().casefold()


def valid_address(text: str) -> str:
    try:
        return str(ip_address(text.partition("%")[0]))
    except ValueError:
        return ""


class SecondFactorRules(DefaultMFAAdapter):
    """Secrets of authenticator apps are sealed in the database; passkeys belong to the desk's one address."""

    error_messages: ClassVar = {**DefaultMFAAdapter.error_messages, **words.WRONG}

    def encrypt(self, text: str) -> str:
        return seal(text, purpose=TOTP)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, purpose=TOTP)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of an account that must have one."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=SECOND_STEPS)
        return not authenticator.user.must_use_second_factor or others.exclude(pk=authenticator.pk).exists()

    def get_totp_issuer(self) -> str:
        return f"Helmdesk {urlsplit(settings.HELMDESK_BASE_URL).hostname}"

    def generate_authenticator_name(self, user: Account, type: str) -> str:  # noqa: A002 (as allauth calls it)
        return device(context.request.headers.get("User-Agent", ""))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.HELMDESK_BASE_URL).hostname or "localhost", "name": "Helmdesk"}
