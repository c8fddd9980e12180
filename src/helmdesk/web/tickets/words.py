"""What codes are called on these pages; the ledger stores the codes."""

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

type Words = "str | _StrPromise"
"""A text, or one that is translated when it is shown."""

PRIORITIES: Final[dict[int, Words]] = {1: _("Urgent"), 2: _("High"), 3: _("Medium"), 4: _("Normal"), 5: _("Low")}
TYPES: Final[dict[str, Words]] = {"incident": _("something is broken"), "request": _("something is needed")}
STANDING: Final[dict[str, Words]] = {
    "late": _("late"),
    "soon": _("due within the hour"),
    "today": _("due today"),
    "paused": _("paused"),
    "none": _("nothing promised"),
}
IMPACTS: Final[dict[int, Words]] = {
    1: _("Work stops for many"),
    2: _("Work is hard for some"),
    3: _("One person can go on"),
}
URGENCIES: Final[dict[int, Words]] = {1: _("It hurts now"), 2: _("It hurts today"), 3: _("It can wait")}
REASONS: Final[dict[str, Words]] = {
    "matrix": _("as impact and urgency say"),
    "agreed": _("agreed"),
    "business_deadline": _("a deadline of the business"),
    "many_hit": _("many are hit"),
    "workaround": _("there is a way around"),
    "safety": _("safety"),
    "misjudged": _("misjudged before"),
}
DECLINED: Final[dict[str, Words]] = {
    "not_ours": _("not ours"),
    "missing_information": _("something we need to know is missing"),
    "no_capacity": _("we have nobody free"),
    "out_of_contract": _("not in our contract"),
    "duplicate": _("we have it already"),
}
SOLVED: Final[dict[str, Words]] = {
    "solved": _("solved"),
    "workaround": _("a way around"),
    "explained": _("explained"),
    "not_reproducible": _("it did not happen again"),
    "cancelled": _("needed no longer"),
}
ENDED: Final[dict[str, Words]] = {
    "answered": _("The answer came"),
    "ended": _("%(who)s went on"),
    "expired": _("The date has come"),
}
EXCLUDED: Final[dict[str, Words]] = {
    "requester_unavailable": _("nobody there could be reached"),
    "agreed": _("agreed so"),
    "third_party": _("another company's doing"),
    "force_majeure": _("beyond anybody's power"),
    "wrong_record": _("written down wrongly"),
    "contract": _("the contract says so"),
}
WORK: Final[dict[str, Words]] = {
    "support": _("support"),
    "travel": _("travel"),
    "research": _("finding out"),
    "coordination": _("getting people together"),
}
LINKS: Final[dict[str, Words]] = {
    "related": _("has to do with"),
    "duplicate": _("is the same as"),
    "cause": _("is caused by"),
}
CHANNELS: Final[dict[str, Words]] = {
    "phone": _("on the phone"),
    "agent": _("in person"),
    "mail": _("by mail"),
    "chat": _("in a chat"),
    "monitoring": _("by monitoring"),
    "api": _("by another program"),
    "import": _("from before"),
    "portal": "",
}
