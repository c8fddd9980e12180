"""Mail about accounts. Sent by jobs, so that a page takes as long for an unknown address as for a known one."""

from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language

from helmdesk.foundation.jobs import task
from helmdesk.foundation.sealing import look_up, put_away, throw_away
from helmdesk.people.accounts import account_for, invitation
from helmdesk.web.account.words import MAILED
from helmdesk.web.languages import spoken

ASKED: Final = "account.reset"
LETTER: Final = "account.letter"


def ask_for_reset_link(email: str) -> None:
    """Answers nothing about whether there is such an account: that is found out later, out of sight."""
    mail_reset_link.enqueue(put_away("\0".join([email, get_language() or "en"]), purpose=ASKED))


@task
def mail_reset_link(asked: int) -> None:
    email, language = (look_up(asked, purpose=ASKED) or "\0").split("\0")
    account = account_for(email) if email else None
    if account is not None and account.person is not None:
        with translation.override(spoken(account.person.language or language)):
            subject, body = written("account/email/reset", {"link": reset_link(invitation(account))})
        post(account.email, subject, body)
    throw_away(asked)


def reset_link(key: str) -> str:
    """At the desk's one address, whatever host the request named."""
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return settings.HELMDESK_BASE_URL + path.replace("UID-KEY", key)


def send(template: str, email: str, context: dict[str, Any]) -> None:
    """What allauth wants mailed: a notice, or a mail with a template of ours."""
    if template in MAILED:
        subject, body = written("account/email/notice", {**context, "what": MAILED[template]})
    else:
        subject, body = written(template, context)
    mail_letter.enqueue(put_away(f"{email}\0{subject}\0{body}", purpose=LETTER))


@task
def mail_letter(letter: int) -> None:
    text = look_up(letter, purpose=LETTER)
    if text is not None:
        post(*text.split("\0"))
        throw_away(letter)


def post(email: str, subject: str, body: str) -> None:
    EmailMessage(subject, body, to=[email], headers={"Auto-Submitted": "auto-generated"}).send()


def written(template: str, context: dict[str, Any]) -> tuple[str, str]:
    """Subject and body: the first line of the rendered template, and the rest."""
    given = {key: value for key, value in context.items() if key != "request"}
    subject, _, body = render_to_string(f"{template}.txt", {**given, "base": settings.HELMDESK_BASE_URL}).partition(
        "\n"
    )
    return subject.strip(), body.strip() + "\n"
