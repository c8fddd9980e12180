"""Who signed in: the session and the account behind it, read anew for every request in two short statements."""

from typing import Any, Final

from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

from helmdesk.foundation.statements import first
from helmdesk.foundation.time import from_us, now, to_us
from helmdesk.people.models import Account, Person

SESSION: Final = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"
OF_ACCOUNT: Final = ("id", "password", "person_id", "email", "is_active", "must_use_second_factor")
OF_PERSON: Final = ("id", "name", "language", "zone", "merged_into_id", "active", "erased_at")
"""In the order of the models, which is how Django takes a row."""
ACCOUNT: Final = f"""
SELECT {", ".join(f"a.{name}" for name in OF_ACCOUNT)}, {", ".join(f"p.{name}" for name in OF_PERSON)},
(SELECT count(*) FROM helmdesk_told d WHERE d.person_id = a.person_id AND d.read_at IS NULL AND d.show_at <= %s
 AND (d.digest IS NULL OR d.digest = d.notice_id))
FROM helmdesk_account a LEFT JOIN helmdesk_person p ON p.id = a.person_id WHERE a.id = %s
"""  # noqa: S608 (names of our own)


class SessionStore(db.SessionStore):
    """Django's sessions in the database; only how one is looked up is our own. The name is part of the signature."""

    def load(self) -> dict[str, Any]:
        until = connection.ops.adapt_datetimefield_value(timezone.now())
        found = first(SESSION, [self.session_key, until])
        if found is None:
            self._session_key = None
            return {}
        kept: dict[str, Any] = self.decode(found[0])
        return kept


def account_of(pk: int) -> Account | None:
    """An account with its person, as far as every request needs them; the rest is fetched where it is asked for."""
    found = first(ACCOUNT, [to_us(now()), pk])
    if found is None:
        return None
    pk, password, person, email, active, second_factor, *known, notices = found
    _, name, language, zone, merged_into, working, erased = known
    account = Account.from_db(
        connection.alias, OF_ACCOUNT, (pk, password, person, email, bool(active), bool(second_factor))
    )
    account.notices = notices
    ended = None if erased is None else from_us(erased)
    row = (person, name, language, zone, merged_into, bool(working), ended)
    somebody = None if person is None else Person.from_db(connection.alias, OF_PERSON, row)
    Account._meta.get_field("person").set_cached_value(account, somebody)
    return account
