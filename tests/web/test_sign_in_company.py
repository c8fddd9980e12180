"""Signing in with the company's own sign-in: what is believed of its answer, and whom it lets in."""

import re
from collections.abc import Iterator
from html import unescape
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from helmdesk.access.viewer import system
from helmdesk.config import environment
from helmdesk.foundation.time import now
from helmdesk.people.models import Account, Address, Person
from helmdesk.people.persons import PersonEntry, add_person, deactivate
from tests.web.company_provider import CLIENT, SECRET, CompanyProvider, running
from tests.web.signing_in import newcomer, who

pytestmark = pytest.mark.django_db

BEGIN, CALLBACK = "/account/sso/company/login/", "/account/sso/company/callback/"
VERIFIED = {"sub": "dana-1", "email": "dana@company.example", "email_verified": True, "name": "Dana Hofer"}


@pytest.fixture
def company(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[CompanyProvider]:
    with running() as provider:
        monkeypatch.setenv("HELMDESK_OIDC_CLIENT_ID", CLIENT)
        monkeypatch.setenv("HELMDESK_OIDC_CLIENT_SECRET", SECRET)
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": environment.sign_in_of_company(provider.issuer)}}
        provider.claims = dict(VERIFIED)
        yield provider


def test_dana_comes_in_by_her_verified_address_and_later_by_her_subject(company: CompanyProvider) -> None:
    newcomer()
    first = Client()
    through(first, company)
    assert who(first) == "Dana Hofer"

    company.claims = {**VERIFIED, "email": "hofer@company.example"}
    again = Client()
    through(again, company)

    assert who(again) == "Dana Hofer"
    assert SocialAccount.objects.get().uid == "dana-1"


def test_the_question_carries_all_that_protects_it(company: CompanyProvider) -> None:
    question = dict(parse_qsl(urlsplit(begun(Client())).query))

    assert set(question["scope"].split()) == {"openid", "profile", "email"}
    assert {name: question[name] for name in ("response_type", "redirect_uri", "code_challenge_method")} == {
        "response_type": "code",
        "redirect_uri": f"http://127.0.0.1:8000{CALLBACK}",
        "code_challenge_method": "S256",
    }
    assert len(question["nonce"]) > 30
    assert len(question["state"]) >= 16


def test_a_crafted_link_changes_nothing_of_the_question(company: CompanyProvider) -> None:
    crafted = f"{BEGIN}?auth_params=nonce%3Dmine&scope=offline_access&process=connect&next=https://evil.example"

    question = dict(parse_qsl(urlsplit(begun(Client(), crafted)).query))

    assert question["nonce"] != "mine"
    assert "offline_access" not in question["scope"]


def test_dana_lands_where_she_wanted_to_go(company: CompanyProvider) -> None:
    newcomer()
    client = Client()

    answer = client.get(CALLBACK, company.authorize(begun(client, next="/account/sessions/")))

    assert answer["Location"] == "/account/sessions/"


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "not what was asked"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another-app"},
    "another issuer": {"iss": "https://evil.example"},
    "another party": {"aud": [CLIENT, "other"], "azp": "other"},
    "too old": {"exp": int(time()) - 3600},
    "no subject": {"sub": None},
}


@pytest.mark.parametrize("lie", LIES, ids=str)
def test_a_token_that_lies_lets_nobody_in(company: CompanyProvider, lie: str) -> None:
    newcomer()
    company.lies = LIES[lie]

    refused(company)


def test_a_token_signed_by_somebody_else_lets_nobody_in(company: CompanyProvider) -> None:
    newcomer()
    company.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    refused(company)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_a_true_signature_lets_nobody_in(company: CompanyProvider, algorithm: str) -> None:
    newcomer()
    company.algorithm = algorithm
    company.signing_key = SECRET * 3

    refused(company)


def test_a_userinfo_about_somebody_else_lets_nobody_in(company: CompanyProvider) -> None:
    newcomer()
    company.userinfo_lies = {"sub": "somebody-else"}

    refused(company)


def test_an_answer_that_this_browser_never_asked_for_lets_nobody_in(company: CompanyProvider) -> None:
    newcomer()
    brought = company.authorize(begun(Client()))

    answer = Client().get(CALLBACK, brought)

    assert answer.status_code == 401
    assert "could not be trusted" in answer.content.decode()


def test_an_answer_works_once(company: CompanyProvider) -> None:
    newcomer()
    client = Client()
    brought = company.authorize(begun(client))
    client.get(CALLBACK, brought)
    client.post("/account/logout/")

    assert client.get(CALLBACK, brought).status_code == 401
    assert who(client) is None


def test_a_code_without_its_proof_is_of_no_use(company: CompanyProvider) -> None:
    newcomer()
    mine, hers = Client(), Client()
    stolen = company.authorize(begun(hers))["code"]
    state = company.authorize(begun(mine))["state"]

    assert mine.get(CALLBACK, {"code": stolen, "state": state}).status_code == 401
    assert company.refusals == ["pkce"]


@pytest.mark.parametrize("verified", [False, None, "no", 1])
def test_an_address_that_is_not_verified_ties_to_no_account(company: CompanyProvider, verified: Any) -> None:
    newcomer()
    company.claims = {**VERIFIED, "email_verified": verified}

    unknown(company)
    assert not SocialAccount.objects.exists()


def test_a_second_subject_with_danas_address_is_turned_away(company: CompanyProvider) -> None:
    newcomer()
    through(Client(), company)
    company.claims = {**VERIFIED, "sub": "somebody-new"}

    unknown(company)


def test_who_is_unknown_is_turned_away_in_words(company: CompanyProvider) -> None:
    unknown(company)

    assert not Account.objects.exists()


def test_who_has_ended_does_not_come_back_by_the_company(company: CompanyProvider, settings: Any) -> None:
    settings.HELMDESK_OIDC_CREATE = True
    account = newcomer()
    through(Client(), company)
    deactivate(account.person_id or 0, by=system().stamp, at=now())

    client = Client()
    answer = through(client, company)

    assert answer["Location"] == "/account/inactive/"
    assert who(client) is None


def test_where_it_is_so_set_the_company_brings_new_people(company: CompanyProvider, settings: Any) -> None:
    settings.HELMDESK_OIDC_CREATE = True
    client = Client()

    through(client, company)

    assert who(client) == "Dana Hofer"
    assert Address.objects.get().verified_at is not None


def test_who_is_known_without_an_account_keeps_their_history(company: CompanyProvider, settings: Any) -> None:
    settings.HELMDESK_OIDC_CREATE = True
    by, at = system().stamp, now()
    known = add_person(PersonEntry(name="Dana from the list"), by=by, at=at)
    Address.objects.create(person=known, value="dana@company.example", folded="dana@company.example")
    client = Client()

    through(client, company)

    assert who(client) == "Dana from the list"
    assert Person.objects.count() == 1


def test_a_provider_that_does_not_answer_is_told_in_words(company: CompanyProvider, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["settings"]["server_url"] = "http://127.0.0.1:9"

    answer = Client().post(BEGIN)

    assert answer.status_code == 401
    assert "did not work" in answer.content.decode()


def test_a_desk_without_a_company_sign_in_offers_none() -> None:
    assert "Sign in with" not in Client().get("/account/login/").content.decode()
    assert Client().post(BEGIN).status_code == 404


def test_the_sign_in_page_offers_it(company: CompanyProvider) -> None:
    assert "Sign in with your company" in Client().get("/account/login/").content.decode()


def begun(client: Client, address: str = BEGIN, **more: str) -> str:
    """The provider's address that the page on the way leads to."""
    page = client.post(address, more).content.decode()
    (found,) = re.findall(r'content="0;url=([^"]+)"', page)
    return unescape(found)


def through(client: Client, company: CompanyProvider) -> Any:
    return client.get(CALLBACK, company.authorize(begun(client)))


def refused(company: CompanyProvider) -> None:
    client = Client()
    answer = through(client, company)
    assert answer.status_code == 401
    assert "Nobody was signed in" in answer.content.decode()
    assert who(client) is None


def unknown(company: CompanyProvider) -> None:
    client = Client()
    answer = through(client, company)
    assert answer.status_code == 403
    assert "You are not known here yet" in answer.content.decode()
    assert who(client) is None
