"""Copy third-party front-end files from npm into the tree, with licences and digests (a maintainer's script).

`python tools/vendor.py` needs npm and the network. It replaces every file named in the two `vendor.json`, so that what
is committed is what the packages below hold; tests/house/test_vendor.py re-hashes the files on every run.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "src/helmdesk/web/static"
TESTS = ROOT / "tests"
SVG = "http://www.w3.org/2000/svg"


@dataclass(frozen=True)
class Package:
    """One package at one version, and the files of it that we ship."""

    name: str
    version: str
    licence: str
    files: tuple[str, ...]

    @property
    def folder(self) -> str:
        return f"vendor/{self.name.rpartition('/')[2].removesuffix('.org')}-{self.version}"


SHIPPED = (
    Package("htmx.org", "4.0.1", "0BSD", ("dist/htmx.min.js", "dist/ext/hx-sse.min.js")),
    Package(
        "@fontsource-variable/schibsted-grotesk",
        "5.3.0",
        "OFL-1.1",
        (
            "files/schibsted-grotesk-latin-wght-normal.woff2",
            "files/schibsted-grotesk-latin-ext-wght-normal.woff2",
        ),
    ),
    Package("lucide-static", "1.62.0", "ISC", ()),
)
TESTED = (Package("axe-core", "4.14.1", "MPL-2.0", ("axe.min.js",)),)

ICONS = """
activity arrow-down arrow-left arrow-right arrow-up at-sign ban bell book-open bot briefcase building calendar
chart-column check chevron-down chevron-left chevron-right chevron-up chevrons-up-down circle circle-check circle-dot
circle-question-mark circle-x clock copy download ellipsis external-link eye eye-off file file-text filter flag folder
forward git-branch globe hand headset history hourglass house image inbox info key layers link list lock lock-open
log-in log-out mail map-pin menu merge message-square minus monitor moon package paperclip pause pencil phone play plus
redo-2 refresh-cw repeat reply save scale search send server settings shield sliders-horizontal split square
square-check star sticky-note sun tag timer trash-2 triangle-alert undo-2 upload user user-plus user-x users workflow x
""".split()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        modules = fetch(Path(folder), SHIPPED + TESTED)
        vendor(modules, SHIPPED, into=STATIC, extra={"lucide-static": {"icons.svg": sprite(modules / "lucide-static")}})
        vendor(modules, TESTED, into=TESTS, extra={})


def fetch(folder: Path, packages: tuple[Package, ...]) -> Path:
    """Install the packages, running none of their scripts."""
    names = [f"{package.name}@{package.version}" for package in packages]
    (folder / "package.json").write_text("{}")
    subprocess.run(["npm", "install", "--ignore-scripts", "--save-exact", *names], cwd=folder, check=True)
    return folder / "node_modules"


def vendor(modules: Path, packages: tuple[Package, ...], *, into: Path, extra: dict[str, dict[str, bytes]]) -> None:
    """Write the packages' files below `into`, and `vendor/vendor.json`, which says what they are."""
    shutil.rmtree(into / "vendor", ignore_errors=True)
    entries = []
    for package in packages:
        source = modules / package.name
        contents = {f"{package.folder}/{Path(name).name}": (source / name).read_bytes() for name in package.files}
        contents[f"{package.folder}/LICENSE"] = (source / "LICENSE").read_bytes()
        contents |= extra.get(package.name, {})
        for name, content in contents.items():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            (into / name).write_bytes(content)
        entries.append(entry(package, contents))
    (into / "vendor/vendor.json").write_text(json.dumps(entries, indent=2) + "\n")


def entry(package: Package, contents: dict[str, bytes]) -> dict[str, object]:
    return {
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "files": {name: hashlib.sha512(content).hexdigest() for name, content in contents.items()},
    }


def sprite(lucide: Path) -> bytes:
    """One SVG with a symbol an icon, used as `<svg><use href="icons.svg#search"/></svg>`."""
    ElementTree.register_namespace("", SVG)
    sheet = ElementTree.Element(f"{{{SVG}}}svg")
    for name in ICONS:
        icon = ElementTree.parse(lucide / "icons" / f"{name}.svg").getroot()
        kept = {key: value for key, value in icon.attrib.items() if key not in ("class", "width", "height")}
        symbol = ElementTree.SubElement(sheet, f"{{{SVG}}}symbol", {"id": name, **kept})
        symbol.extend(list(icon))
    text = ElementTree.tostring(sheet, encoding="unicode")
    return (re.sub(r">\s+<", "><", text).replace("</symbol>", "</symbol>\n") + "\n").encode()


if __name__ == "__main__":
    main()
