"""What is said about accounts: in a note on the next page, and in a mail to their owner."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SAID: Final[dict[str, Promise]] = {
    "account/messages/password_changed.txt": _("Your password is changed. Other devices were signed out."),
    "account/messages/password_set.txt": _("Your password is set."),
    "account/messages/email_confirmed.txt": _("Your address is confirmed. You can sign in now."),
    "account/messages/email_confirmation_failed.txt": _("This address belongs to another account."),
    "mfa/messages/totp_activated.txt": _("Your authenticator app is asked for from now on."),
    "mfa/messages/totp_deactivated.txt": _("Your authenticator app is no longer asked for."),
    "mfa/messages/recovery_codes_generated.txt": _("New recovery codes are made; the old ones no longer work."),
    "mfa/messages/webauthn_added.txt": _("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey is removed."),
    "usersessions/messages/sessions_logged_out.txt": _("All other devices were signed out."),
}

WRONG: Final[dict[str, Promise]] = {
    "email_password_mismatch": _("This address and password do not go together."),
    "too_many_login_attempts": _("That was tried too often. Wait five minutes, or choose a new password."),
    "incorrect_password": _("That is not your password."),
    "enter_current_password": _("That is not your password."),
    "incorrect_code": _("That code is not right, or no longer."),
}

MAILED: Final[dict[str, Promise]] = {
    "account/email/password_changed": _("Your password was changed"),
    "account/email/password_set": _("A password was set for your account"),
    "account/email/password_reset": _("Your password was reset"),
    "mfa/email/totp_activated": _("An authenticator app was added to your account"),
    "mfa/email/totp_deactivated": _("The authenticator app was removed from your account"),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made for your account"),
    "mfa/email/webauthn_added": _("A passkey was added to your account"),
    "mfa/email/webauthn_removed": _("A passkey was removed from your account"),
    "socialaccount/email/account_connected": _("Your account was tied to your company's sign-in"),
    "socialaccount/email/account_disconnected": _("Your account was untied from your company's sign-in"),
}
"""Notices: all are one mail, which says what, when and from where."""
