"""One of several processes that do verbs at the same instant: `python -m tests.tickets.at_once NAME VERBS`.

VERBS is JSON: a list of [verb, arguments] of one person. Says "ready", reads the instant to begin at from standard
input, and does the n-th n * STEP later. Prints what came of each as JSON: "done", or the code of the refusal.
"""

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

STEP = 0.06


def main(name: str, verbs: list[tuple[str, list[Any]]]) -> list[str]:
    import django

    django.setup()
    from django.db import connection

    from helmdesk.access.viewer import viewer_of
    from helmdesk.people.models import Person
    from helmdesk.tickets.refusals import Refused

    person = Person.objects.get(name=name)
    connection.ensure_connection()
    viewer_of(person.pk, at=datetime.now(UTC))
    print("ready", flush=True)  # noqa: T201 (to the test that waits for it)
    start = float(sys.stdin.readline())
    came = []
    for n, (verb, arguments) in enumerate(verbs):
        time.sleep(max(0.0, start + n * STEP - time.time()))
        at = datetime.now(UTC)
        try:
            do(verb, arguments, by=viewer_of(person.pk, at=at), at=at)
            came.append("done")
        except Refused as refused:
            came.append(refused.code)
    return came


def do(verb: str, arguments: list[Any], **who: Any) -> None:
    from helmdesk.tickets import assignment, hand_over, merging, resolution

    if verb == "take":
        assignment.take(arguments[0], **who)
    elif verb == "resolve":
        resolution.resolve(arguments[0], shown=arguments[1], **who)
    elif verb == "merge":
        merging.merge(arguments[0], into=arguments[1], **who)
    elif verb == "hand_over":
        hand_over.hand_over(arguments[0], to=arguments[1], done="a", asked="b", shown=arguments[2], **who)
    else:
        raise ValueError(verb)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], json.loads(sys.argv[2]))))
