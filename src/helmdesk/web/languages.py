"""Which languages pages and mails are in: only those that we have every word for."""

from django.conf import settings


def spoken(wanted: str) -> str:
    """The language to speak to somebody in: theirs where pages have it, else the desk's."""
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def offered(kept: str) -> list[tuple[str, str]]:
    """What somebody can choose from; what is written down of them already stays theirs, though no page has it yet."""
    others = [(code, name) for code, name in settings.HELMDESK_LANGUAGES if code == kept]
    return list(dict.fromkeys([*settings.LANGUAGES, *others]))
