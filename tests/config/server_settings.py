"""The desk's settings with a few pages of the tests' own: slow, failing, streamed, a file."""

from helmdesk.config.settings import *  # noqa: F403

ROOT_URLCONF = "tests.config.server_pages"
