"""What a grant opens, in plain words and as a number."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from helmdesk.access.grants import Terms
from helmdesk.access.models import Grant, GrantScope
from helmdesk.tickets.models import Phase, Ticket
from helmdesk.web.setup.forms import Options, last_day
from helmdesk.web.templating import local

WHY = "a number only: how many open tickets a grant shows"


@dataclass(frozen=True, slots=True)
class Names:
    """What services, sites, categories and providers are called, by id."""

    names: Mapping[str, Mapping[str, str]]

    @staticmethod
    def of(choices: Mapping[str, Options]) -> "Names":
        return Names({name: {str(pk): str(words) for pk, words in options} for name, options in choices.items()})

    def provider(self, pk: object) -> str:
        return self.names.get("provider", {}).get(str(pk), _("They"))

    def listed(self, kind: str, ids: Iterable[int]) -> list[str]:
        known = self.names.get(kind, {})
        return [known.get(str(pk), str(pk)) for pk in ids]


def sentences(terms: Terms, names: Names) -> str:
    """All of it, in a few short sentences."""
    return told(
        services=names.listed("services", terms.services), sites=names.listed("sites", terms.sites),
        categories=names.listed("categories", terms.categories), confidential=terms.confidential,
        personal_data=terms.personal_data, until=terms.ends_at,
    )  # fmt: skip


def in_words(grant: Grant) -> str:
    """The same of a grant whose lists were fetched with it."""
    return told(
        services=[local(one.name) for one in grant.services.all()], sites=[one.name for one in grant.sites.all()],
        categories=[local(one.name) for one in grant.categories.all()], confidential=grant.confidential,
        personal_data=grant.personal_data, until=grant.ends_at,
    )  # fmt: skip


def told(
    *, services: list[str], sites: list[str], categories: list[str], confidential: bool, personal_data: bool,
    until: datetime | None,
) -> str:  # fmt: skip
    what = _("Tickets about %(services)s") % {"services": either(services)} if services else _("Tickets about anything")
    where = _("at %(sites)s") % {"sites": either(sites)} if sites else _("from every site")
    kind = " " + _("in %(categories)s") % {"categories": either(categories)} if categories else ""
    open_too = _("Confidential ones too, for people whose role allows it.")
    named = _("With people’s names and addresses.")
    said = [
        f"{what} {where}{kind}.",
        open_too if confidential else _("No confidential ones."),
        named if personal_data else _("People’s names and addresses are masked."),
    ]
    if until is not None:
        said.append(_("Until %(day)s.") % {"day": date_format(date.fromisoformat(last_day(until)), "j F Y")})
    return " ".join(said)


def either(names: list[str]) -> str:
    """ "A", "A or B", "A, B or C"."""
    if len(names) < 2:
        return "".join(names)
    return _("%(some)s or %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}


def counted(terms: Terms) -> int:
    """How many open tickets such terms show, whether they were given or not."""
    condition = Q(phase=Phase.OPEN, closed_at__isnull=True)
    named: tuple[tuple[str, Collection[int]], ...] = (
        ("service", terms.services), ("site", terms.sites), ("category", terms.categories),
    )  # fmt: skip
    for name, ids in named:
        if ids:
            condition &= Q(**{f"scope__{name}__in": list(ids)})
    if not terms.confidential:
        condition &= Q(scope__flags=0)
    return int(Ticket.objects.unscoped(reason=WHY).filter(condition).count())


def counts(live: Collection[Grant]) -> dict[int, int]:
    """The same of many grants, from what each has opened."""
    tickets = Ticket.objects.unscoped(reason=WHY).filter(phase=Phase.OPEN, closed_at__isnull=True)
    per_scope = dict(tickets.order_by().values_list("scope_id").annotate(n=Count("pk")))
    shown: Counter[int] = Counter()
    rows = GrantScope.objects.filter(grant__in=[grant.pk for grant in live], scope__in=list(per_scope))
    for grant, scope in rows.values_list("grant_id", "scope_id"):
        shown[grant] += per_scope[scope]
    return {grant.pk: shown[grant.pk] for grant in live}
