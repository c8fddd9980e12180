"""The company's own sign-in: OpenID Connect with code, PKCE, nonce and a signature that is checked every time.

An account is found by the provider's subject, and at first by a verified address; anything else is refused.
"""

import hmac
from secrets import token_urlsafe
from typing import Any, Final

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from helmdesk.foundation.entries import folded_email
from helmdesk.people.addresses import person_with_email
from helmdesk.people.models import Account
from helmdesk.web.account.joining import account_from_company

SIGNATURES: Final = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
CLAIMS: Final = ["iss", "sub", "aud", "exp", "iat", "nonce"]
CLOCKS_DIFFER: Final = 60


@require_POST
@login_not_required
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leads to the company's sign-in by a page: a redirected form would break our content security policy."""
    try:
        answer = OAuth2LoginView.adapter_view(CompanyEndpoint(request, provider_id))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except (OAuth2Error, RequestException, ValueError):
        return render(request, "socialaccount/authentication_error.html", status=401)
    if answer.status_code == 302 and "://" in answer["Location"]:
        return render(request, "account/company_begin.html", {"address": answer["Location"]})
    else:
        return answer


@require_GET
@login_not_required
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return Callback.adapter_view(CompanyEndpoint(request, provider_id))(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error


class CompanyEndpoint(OpenIDConnectOAuth2Adapter):
    """What we ask of the provider and believe of its answers."""

    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """The provider's description; it must speak for the issuer that was set."""
        told: dict[str, Any] = super().openid_config
        if str(told.get("issuer", "")).rstrip("/") != self.get_provider().app.settings["server_url"].rstrip("/"):
            raise OAuth2Error("The provider describes another issuer than the one that was set.")
        return told

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return settings.HELMDESK_BASE_URL + reverse("openid_connect_callback", args=[self.provider_id])

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        claims = self._claims(app, kwargs["response"].get("id_token") or "")
        data: dict[str, Any] = {"id_token": claims}
        if "userinfo_endpoint" in self.openid_config:
            data["userinfo"] = self._fetch_user_info(token.token)
            if data["userinfo"].get("sub") != claims["sub"]:
                raise OAuth2Error("The provider spoke of two different people.")
        return self.get_provider().sociallogin_from_response(request, data)

    def _claims(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                self._key_of(id_token),
                algorithms=SIGNATURES,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=CLOCKS_DIFFER,
                options={"require": CLAIMS},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error("The provider's token cannot be trusted.") from error
        if not self.nonce or not hmac.compare_digest(str(claims["nonce"]).encode(), self.nonce.encode()):
            raise OAuth2Error("The provider's token answers another question.")
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The provider's token is meant for somebody else.")
        return claims

    def _key_of(self, id_token: str) -> jwt.PyJWK:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        named = jwt.get_unverified_header(id_token).get("kid")
        found = [key for key in keys if named in (None, key.key_id)]
        if len(found) != 1:
            raise OAuth2Error("The provider's token names no key of the provider.")
        return found[0]


class Callback(OAuth2CallbackView):
    """Hands the nonce that was sent with the question to who checks the answer."""

    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, response


class CompanySignIn(OpenIDConnectProvider):
    """The provider as allauth sees it. What a link to us carries cannot change what we ask for."""

    oauth2_adapter_class = CompanyEndpoint
    pkce_enabled_default = True

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        asked = super().get_redirect_from_request_kwargs(request)
        return {**asked, "process": "login", "scope": self.get_scope(), "auth_params": self.get_auth_params()}

    def redirect(self, request: HttpRequest, process: str, *given: Any, **asked: Any) -> HttpResponse:
        """Sends a nonce along, and keeps it with the state of this session."""
        nonce = token_urlsafe(32)
        asked["auth_params"] = {**asked.get("auth_params", {}), "nonce": nonce}
        return super().redirect(request, process, *given, nonce=nonce, **asked)

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        found = super().extract_email_addresses(data)
        for address in found:
            address.verified = address.verified is True or address.verified == "true"
        return list(found)


class CompanyRules(DefaultSocialAccountAdapter):
    """Whom a sign-in at the company lets in here."""

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> CompanySignIn:
        return CompanySignIn(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def list_providers(self, request: HttpRequest) -> list[CompanySignIn]:
        return [CompanySignIn(request, app=app) for app in self.list_apps(request)]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """A known subject goes on; a new one is tied to its account, or turned away."""
        if not sociallogin.is_existing:
            account = self._account_of(request, sociallogin)
            if account is None or self._tied_to_another(account, sociallogin):
                raise ImmediateHttpResponse(render(request, "account/company_unknown.html", status=403))
            sociallogin.connect(request, account)

    def _account_of(self, request: HttpRequest, sociallogin: SocialLogin) -> Account | None:
        verified = [address.email for address in sociallogin.email_addresses if address.verified]
        for email in verified:
            if account := account_with(email):
                return account
        if verified and settings.HELMDESK_OIDC_CREATE:
            name = str((sociallogin.account.get_provider_account().get_user_data() or {}).get("name") or "")
            return account_from_company(
                verified[0],
                name=name[:200],
                language=(get_language() or "en")[:2],
                at=request.at,  # type: ignore[attr-defined]
            )
        return None

    def _tied_to_another(self, account: Account, sociallogin: SocialLogin) -> bool:
        """Two subjects for one account: an address was given to somebody new, and that is for people to settle."""
        return SocialAccount.objects.filter(user=account, provider=sociallogin.account.provider).exists()


def account_with(email: str) -> Account | None:
    """The account under this address, or of the person whose verified address it is."""
    account = Account.objects.filter(email__iexact=email, is_active=True).first()
    if account is None:
        person = person_with_email(email)
        if person and person.addresses.filter(folded=folded_email(email), verified_at__isnull=False).exists():
            account = Account.objects.filter(person=person, is_active=True).first()
    return account
