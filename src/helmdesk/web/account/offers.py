"""What the pages of signing in offer on this desk, and how they call a device."""

from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def passkeys_work() -> bool:
    """Browsers keep passkeys for a name, never for a bare number."""
    try:
        ip_address(urlsplit(settings.HELMDESK_BASE_URL).hostname or "")
    except ValueError:
        return True
    return False


def company_sign_in(request: HttpRequest) -> list[Any]:
    return list(get_adapter().list_providers(request))


def open_for_signup() -> bool:
    return bool(settings.HELMDESK_SIGNUP)


def device(user_agent: str) -> str:
    """ "Firefox on Windows", as far as a browser says what it is."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    else:
        return browser or system or _("an unknown device")
