"""Phrases in the reader's language, remembered: a page of fifty rows says some of them fifty times."""

from functools import lru_cache

from django.utils import translation


def gettext(message: str) -> str:
    """As Django's, for phrases that do not hold what somebody typed."""
    return _said(translation.get_language(), message)


@lru_cache(maxsize=4096)
def _said(_language: str | None, message: str) -> str:
    return translation.gettext(message)
