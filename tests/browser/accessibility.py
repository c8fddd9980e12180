"""What axe-core finds wrong with a page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = next((Path(__file__).parents[1] / "vendor").glob("axe-core-*/axe.min.js"))
SOURCE = AXE.read_text()


LOOKS = (("light", 1440), ("dark", 390))
"""Themes and widths in which a page is looked at."""

THEMES = (("light", 1280), ("dark", 1280))

BY_LOOKS = """color-contrast link-in-text-block scrollable-region-focusable button-name link-name label
select-name input-button-name aria-hidden-focus aria-command-name empty-heading summary-name list listitem""".split()
"""Rules whose answer colours, width and what is hidden can change; the others ask of the page's text alone."""


def faults_in(page: Page, looks: Iterable[tuple[str, int]] = LOOKS) -> list[str]:
    """The faults of the page as it is, in each theme and width, and where it is wider than the screen."""
    page.evaluate(SOURCE)
    found = []
    for n, (theme, width) in enumerate(looks):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"wider than {width} pixels")
        found += [f"{theme} {width} {fault}" for fault in _found(page, {"runOnly": BY_LOOKS} if n else {})]
    return found


def accessibility_faults(page: Page) -> list[str]:
    """Each fault as the rule and where it is broken; evaluating the source goes round our content security policy."""
    page.evaluate(SOURCE)
    return _found(page, {})


def _found(page: Page, options: dict[str, Any]) -> list[str]:
    found = page.evaluate("options => axe.run(options)", {"resultTypes": ["violations"], **options})
    return [f"{fault['id']}: {node['target']}" for fault in found["violations"] for node in fault["nodes"]]
