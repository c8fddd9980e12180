"""`helmdesk <command>`: the one way in from a shell. Mistakes in settings get a sentence, not a traceback."""

import gc
import os
import sys

HELP = """Helmdesk: the help desk for companies that outsource IT support.

    helmdesk <command> [options]        helmdesk <command> --help        helmdesk --version
"""


def main() -> None:
    gc.set_threshold(50_000, 20, 20)  # imports make few cycles and much work for the collector
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helmdesk.config.settings")
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    if arguments[:1] in (["--version"], ["version"]):
        from importlib.metadata import version

        sys.stdout.write(f"helmdesk {version('helmdesk')}\n")
        return 0
    if faults := wrong_settings():
        sys.stderr.write(faults)
        return 1
    if not arguments or arguments[0] in ("help", "-h", "--help"):
        return tell_commands(arguments[1:])
    return execute(arguments)


def wrong_settings() -> str:
    """What keeps every command from working, told before anything is loaded."""
    from helmdesk.config import check

    return "".join(f"{problem}\n" for problem in check.in_environment(os.environ) if problem.grave)


def execute(arguments: list[str]) -> int:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import ManagementUtility
    from django.db import OperationalError

    from helmdesk.config.environment import BadSetting

    try:
        ManagementUtility(["helmdesk", *arguments]).execute()
    except (BadSetting, ImproperlyConfigured) as error:
        return fail(f"A setting is wrong. {error}", error, arguments)
    except OperationalError as error:
        told = (str(error).strip().splitlines() or ["no reason given"])[0]
        return fail(f"The database refused: {told}\nRun `helmdesk check`.", error, arguments)
    except KeyboardInterrupt:
        return 130
    return 0


def fail(words: str, error: Exception, arguments: list[str]) -> int:
    if "--traceback" in arguments:
        raise error
    sys.stderr.write(f"{words}\n")
    return 1


def tell_commands(named: list[str]) -> int:
    """The desk's own commands with one line each; Django's are there too, but only some matter here."""
    if named:
        return execute([named[0], "--help"])
    import django
    from django.core.management import get_commands, load_command_class

    django.setup()
    lines = [HELP]
    for name, app in sorted(get_commands().items()):
        if app == "helmdesk" or name in ("migrate", "check"):
            command = load_command_class(app, name) if isinstance(app, str) else app
            lines.append(f"    {name:<12} {str(command.help).splitlines()[0] if command.help else ''}\n")
    sys.stdout.write("".join(lines))
    return 0
