"""Puts words into people's mouths: sentences from the texts, filled with the things of one ticket."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from helmdesk.exchange.demo.company import Company, Language, Person
from helmdesk.exchange.demo.kinds import Kind
from helmdesk.exchange.demo.names import CULTURES, ascii_word, full_name

_CHOICE = re.compile(r"\[([^\]]+)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_LONG_WORD = re.compile(r"[^\W\d_]{4,}")
_AREAS = ("workplace", "network", "access", "business")
_APPS = ("Outlook", "Excel", "Teams", "Castellan", "Formwerk 3D", "PowerPoint", "Notably", "Curvewise")
_ERRORS = ("0x8007{:04X}", "E-{:04d}", "ERR_{:03d}", "HTTP 5{:02d}", "F{:03d}", "0xC000{:04X}", "SYS-{:05d}")
_FILES: Mapping[Language, tuple[str, ...]] = {
    "en": ("Quote", "Costing", "Price list", "Report", "Checklist"),
    "de": ("Angebot", "Kalkulation", "Preisliste", "Prüfbericht", "Stückliste"),
    "es": ("Oferta", "Costes", "Tarifa", "Informe", "Lista de piezas"),
}
_CUSTOMERS = (
    (
        "Hollerbach",
        "Murtal",
        "Donau",
        "Pennine",
        "Yorkvale",
        "Bayou",
        "Turia",
        "Albufera",
        "Karst",
        "Lagan",
        "Brenta",
        "Ostsee",
    ),
    (
        "Wassertechnik",
        "Stadtwerke",
        "Water",
        "Utilities",
        "Aguas",
        "Riegos",
        "Chemie",
        "Dairy",
        "Paper",
        "Offshore",
        "Brewery",
    ),
)
_MAILBOXES = (
    "orders",
    "spares",
    "invoice",
    "quality",
    "service",
    "jobs",
    "dispatch",
    "compras",
    "einkauf",
    "reklamation",
)
_MACHINES = ("CNC", "DRE", "MON", "PRS", "LAC", "FRS", "ROB")
_THOUSANDS: Mapping[Language, str] = {"en": ",", "de": ".", "es": "."}
_VOLATILE = ("n", "time", "when", "when2", "deadline", "minutes", "order")


@cache
def texts(language: Language) -> dict[str, dict[str, Any]]:
    """The sentences about each kind of trouble."""
    found: dict[str, dict[str, Any]] = {}
    for area in _AREAS:
        found |= _load(language, area)
    return found


@cache
def phrases(language: Language) -> dict[str, Any]:
    """The words around it: greetings, tones, what is said in between."""
    return _load(language, "phrases")


def _load(language: str, area: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("texts", language, f"{area}.toml").read_text("utf-8"))


def fill(template: str, slots: Mapping[str, str], rng: Random) -> str:
    """Picks one of each [a|b] and fills each {slot}."""
    picked = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), template)
    filled = _SLOT.sub(lambda match: slots[match[1]], picked)
    return filled[:1].upper() + filled[1:] if template.startswith("{when") else filled


@cache
def _stems(sentence: str) -> frozenset[str]:
    """The longer words of a sentence, cut to what their forms share."""
    return frozenset(word[:5] for word in _LONG_WORD.findall(_SLOT.sub("", sentence).lower()))


class Scene:
    """The things of one ticket (device, room, colleague …), told in any language."""

    def __init__(self, company: Company, requester: Person, kind: Kind, rng: Random) -> None:
        self._rng = rng
        self.requester = requester
        self.kind = kind
        self._company = company
        self._facts = _facts(company, requester, kind, rng)
        self._slots: dict[Language, dict[str, str]] = {}
        self._said: set[str] = set()  # stems of the words used so far
        self._used: set[str] = set()
        self.subject = _subject(self, rng)

    def __getitem__(self, fact: str) -> str:
        return self._facts[fact]

    def know(self, **facts: str) -> None:
        self._facts |= facts

    def told(self, language: Language, *, fresh: bool = False) -> dict[str, str]:
        """All slots; `fresh` draws anew what changes from one message to the next."""
        known = self._slots.get(language)
        if known is None:
            known = self._slots[language] = self._phrased(language)
        if fresh:
            drawn = self._phrased(language)
            known = known | {slot: drawn[slot] for slot in _VOLATILE}
        return known | self._facts

    def _phrased(self, language: Language) -> dict[str, str]:
        department = self._company.department[self.requester.department or "management"]
        return _phrased(language, department.names[language], self._facts["hall_number"], self._rng)

    def say(self, language: Language, section: str, key: str) -> str:
        """One of the phrases between the matters, about this ticket."""
        chosen = self._pick(phrases(language)[section][key])
        return fill(chosen, self.told(language, fresh=True), self._rng)

    def matter(self, language: Language, key: str, *, fresh: bool = False) -> str:
        """One of the sentences about this kind of trouble, rather one that goes with what was said before."""
        sentence = self._fitting(texts(language)[self.kind.code][key])
        self._said |= _stems(sentence)
        return fill(sentence, self.told(language, fresh=fresh), self._rng)

    def _fitting(self, sentences: Sequence[str]) -> str:
        shared = [len(_stems(sentence) & self._said) for sentence in sentences]
        return self._pick(sentences, [1 + 5 * count * count for count in shared])

    def _pick(self, sentences: Sequence[str], weights: Sequence[float] | None = None) -> str:
        """One of them, seldom one that was used before on this ticket."""
        fresh = [0.04 if sentence in self._used else 1.0 for sentence in sentences]
        weighted = [a * b for a, b in zip(fresh, weights or [1.0] * len(fresh), strict=True)]
        chosen = self._rng.choices(sentences, weighted)[0]
        self._used.add(chosen)
        return chosen

    def question(self, language: Language) -> tuple[str, str]:
        """What an agent asks, and what the requester will say to it."""
        asked = {row[0]: row[1:] for row in texts(language)[self.kind.code]["ask"]}
        question = self._fitting(list(asked))
        return self._exchanged(language, question, asked[question])

    def side_question(self, language: Language) -> tuple[str, str]:
        """What one team asks another, and what that one knows."""
        question, *answers = self._rng.choice(phrases(language)["team"]["side"])
        return self._exchanged(language, question, answers)

    def _exchanged(self, language: Language, question: str, answers: Sequence[str]) -> tuple[str, str]:
        slots = self.told(language, fresh=True)
        return fill(question, slots, self._rng), fill(self._rng.choice(answers), slots, self._rng)


def _subject(scene: Scene, rng: Random) -> str:
    language = scene.requester.language
    around = phrases(language)["subject"]
    prefix, suffix = (fill(rng.choice(around[end]), scene.told(language), rng) for end in ("prefix", "suffix"))
    words = f"{scene.matter(language, 'subject')}{suffix}"
    if scene.requester.tone == "mobile" and rng.random() < 0.6:
        words = typed_on_a_phone(words, rng, language)
    return f"{prefix}{words}"[:120]


def opening(scene: Scene, urgency: int, rng: Random) -> str:
    """The first message, in the requester's own tone."""
    person = scene.requester
    language, tone = person.language, person.tone
    words = phrases(language)["tone"][tone]
    slots = scene.told(language)

    def said(key: str) -> str:
        return fill(rng.choice(words[key]), slots, rng)

    told = [said("lead"), *_matter(scene, urgency, rng)]
    if tone != "rambling" or scene.kind.type == "incident":
        told.append(said("close"))
    if tone == "rambling" and rng.random() < 0.5:
        told.insert(2, said("lead"))
    body = _flow(told, rng, broken=tone in ("rambling", "polite"))
    message = "\n\n".join(part for part in (said("hello"), body, said("sign")) if part)
    return typed_on_a_phone(message, rng, language) if tone == "mobile" else message


def _matter(scene: Scene, urgency: int, rng: Random) -> list[str]:
    language, tone = scene.requester.language, scene.requester.tone
    long = {"terse": 0.25, "mobile": 0.3, "cross": 0.5, "polite": 0.7, "rambling": 0.95}[tone]
    told = [scene.matter(language, "symptom")]
    if rng.random() < long:
        told.append(scene.matter(language, "detail"))
    if rng.random() < (0.85, 0.5, 0.15)[urgency - 1]:
        told.append(scene.matter(language, "why"))
    if rng.random() < long * 0.7:
        told.append(scene.say(language, "tried", "any" if scene.kind.type == "incident" else "request"))
    return told


def _flow(sentences: Sequence[str], rng: Random, *, broken: bool) -> str:
    kept = [sentence for sentence in dict.fromkeys(sentences) if sentence]
    return "".join(sentence + ("\n" if broken and rng.random() < 0.3 else " ") for sentence in kept).strip()


def phoned(scene: Scene, language: Language, urgency: int, rng: Random) -> str:
    """What the agent wrote down during the call, in the agent's language."""
    told = [scene.say(language, "team", "phoned"), scene.matter(language, "symptom")]
    if rng.random() < 0.5:
        told.append(scene.matter(language, "detail"))
    if urgency == 1 or rng.random() < 0.3:
        told.append(scene.matter(language, "why"))
    return " ".join(told)


def letter(scene: Scene, agent: Person, body: str, rng: Random) -> str:
    """A message of an agent to the requester, in the requester's language."""
    language = scene.requester.language
    slots = scene.told(language) | {"agent": agent.given}
    words = phrases(language)["agent"]
    hello, sign = fill(rng.choice(words["hello"]), slots, rng), fill(rng.choice(words["sign"]), slots, rng)
    return f"{hello}\n\n{body[:1].upper() + body[1:]}\n\n{sign}"


def typed_on_a_phone(text: str, rng: Random, language: Language) -> str:
    words = text.lower().split(" ")
    for index, word in enumerate(words):
        if len(word) > 4 and word.isalpha() and rng.random() < 0.07:
            words[index] = _slip(word, rng)
    joined = " ".join(words)
    if language == "es":
        joined = (
            joined.translate(str.maketrans("áéíóú¿¡", "aeiou  ")).replace(" que ", " q ").replace("  ", " ").strip()
        )
    return joined.replace("...", "..").replace(". ", rng.choice([". ", " ", ", "]))


def _slip(word: str, rng: Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    return rng.choice(
        [
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
        ]
    )


def _facts(company: Company, requester: Person, kind: Kind, rng: Random) -> dict[str, str]:
    """What is the same in every language."""
    site = requester.site or "graz"
    near = [person for person in company.requesters if person.site == site and person is not requester]
    boss = company.heads[requester.department or "management"]
    if boss == requester.ref:
        boss = company.heads["management" if requester.department != "management" else "finance"]
    customer = f"{rng.choice(_CUSTOMERS[0])} {rng.choice(_CUSTOMERS[1])}"
    colleague = (
        " ".join(full_name(rng, rng.choice(list(CULTURES)))) if kind.code == "new_starter" else rng.choice(near).name
    )
    place = site[:3].upper()
    return {
        "name": requester.name,
        "first": requester.given,
        "initials": requester.given[0].lower() + requester.family[0].lower(),
        "title": requester.title,
        "extension": requester.extension,
        "site": company.site[site].name,
        "asset": f"{'WS' if kind.service == 'cad' else 'LT'}-{rng.randrange(1200, 5900)}",
        "printer": f"PR-{place}-{rng.randrange(1, 25):02d}",
        "room": f"{rng.choice('ABCDE')}{rng.randrange(0, 5)}.{rng.randrange(1, 40):02d}",
        "machine": f"{rng.choice(_MACHINES)}-{rng.randrange(1, 30):02d}",
        "server": f"srv-{place.lower()}-{rng.randrange(1, 16):02d}",
        "app": rng.choice(kind.apps or _APPS),
        "version": f"{rng.randrange(3, 25)}.{rng.randrange(0, 10)}",
        "error": rng.choice(_ERRORS).format(rng.randrange(1, 999)),
        "customer": customer,
        "customermail": f"{ascii_word(customer)}.example",
        "mailbox": f"{rng.choice(_MAILBOXES)}@{company.domain}",
        "colleague": colleague,
        "boss": company.person[boss].name,
        "hall_number": str(rng.randrange(1, 8)),
        "agent": "",
        "vendor": "",
    }


def _phrased(language: Language, department: str, hall: str, rng: Random) -> dict[str, str]:
    """What each language says in its own way."""
    words = phrases(language)["slots"]
    year = rng.choice(["2024", "2025", "Alpha", "Turbo", "Export", "Archiv"])
    return {
        "since": rng.choice(words["since"]),
        "when": rng.choice(words["when"]),
        "when2": rng.choice(words["when2"]),
        "deadline": rng.choice(words["deadline"]),
        "time": f"{rng.randrange(7, 17)}:{rng.randrange(0, 60, 5):02d}",
        "amount": words["amount"].format(rng.randrange(2, 480) * 50).replace(",", _THOUSANDS[language]),
        "hall": words["hall"].format(hall),
        "dept": department,
        "n": str(rng.randrange(2, 10)),
        "minutes": str(rng.randrange(3, 50)),
        "hours": str(rng.randrange(2, 9)),
        "percent": str(rng.randrange(11, 99)),
        "order": f"{rng.choice(['45', '10', '71'])}{rng.randrange(10_000, 99_999)}",
        "file": f"{rng.choice(_FILES[language])}_{rng.randrange(100, 999)}.{rng.choice(['xlsx', 'docx', 'pdf'])}",
        "folder": f"{rng.choice('PSTG')}:\\{department}\\{year}{rng.randrange(1, 90)}",
    }
