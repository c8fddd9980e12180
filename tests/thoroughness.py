"""How many examples a property is tried on: few by default, ten times as many with `--hypothesis-profile=thorough`."""

from hypothesis import settings

THOROUGH = "thorough"


def examples(usual: int) -> int:
    """To be asked while test modules are loaded, when the profile has been chosen."""
    return usual * 10 if settings.get_current_profile_name() == THOROUGH else usual
