"""What axe-core finds wrong with a page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = next((Path(__file__).parents[1] / "vendor").glob("axe-core-*/axe.min.js"))
SOURCE = AXE.read_text()


def accessibility_faults(page: Page) -> list[str]:
    """Each fault as the rule and where it is broken; evaluating the source goes round our content security policy."""
    page.evaluate(SOURCE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [f"{fault['id']}: {node['target']}" for fault in found["violations"] for node in fault["nodes"]]
