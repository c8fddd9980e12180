"""A page as PDF, by WeasyPrint where it is installed (`pip install "helmdesk[pdf]"`) and finds Pango."""

from functools import cache
from pathlib import Path
from typing import Any

from PIL import ImageFile

STYLES = Path(__file__).with_name("paper.css")


class NoPaper(Exception):
    """PDF cannot be made here; the message says what is missing."""


def pdf(html: str) -> bytes:
    """The page as PDF; it may fetch nothing, not even a file of ours. Raises NoPaper."""
    maker = weasyprint()
    styles = maker.CSS(string=STYLES.read_text(), url_fetcher=_nothing)
    made: bytes = maker.HTML(string=html, url_fetcher=_nothing).write_pdf(stylesheets=[styles])
    return made


@cache
def weasyprint() -> Any:
    """Loaded when it is first asked for: it takes a second, and few ever need it.

    Loading it lets Pillow take pictures that are cut short, everywhere in this process; that is taken back.
    """
    try:
        import weasyprint
    except ImportError as missing:
        raise NoPaper('pip install "helmdesk[pdf]"') from missing
    except OSError as missing:  # its libraries are loaded with it
        raise NoPaper("apt-get install libpango-1.0-0 libpangoft2-1.0-0") from missing
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    return weasyprint


def _nothing(url: str, *_args: Any, **_more: Any) -> Any:
    raise ValueError(f"a page on paper holds all that it needs, and {url} is not in it")
