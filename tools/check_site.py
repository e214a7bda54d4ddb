"""Does every link of the built site lead somewhere, and is nothing loaded from outside?

    python tools/check_site.py build/site

Every page is read. A link within the site must lead to a file, and behind `#` to an anchor of
it. What a browser loads by itself (pictures, scripts, styles, fonts) must be in the site, so
that it also works without internet. Links to other sites are not followed.
"""

import re
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("img", "src"), ("script", "src"), ("source", "src"), ("link", "href")}
NOT_LOADED = {"canonical", "next", "prev", "search", "index"}  # `rel` of links for robots


class Page(HTMLParser):
    """Anchors and links of one page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = {"", "top"}
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Keep what a tag names, links to, or loads."""
        given = {name: value or "" for name, value in attributes}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        if tag == "a" and "href" in given:
            self.links.add(given["href"])
        for name, value in given.items():
            if (tag, name) in LOADED and given.get("rel") not in NOT_LOADED:
                self.loaded.add(value)
        for part in given.get("srcset", "").split(","):
            if part.strip():
                self.loaded.add(part.split()[0])


@cache
def page_of(path: Path) -> Page:
    """A page, read once."""
    return Page(path)


def pages_of(site: Path) -> list[Path]:
    """All pages; what the theme keeps among the pictures and scripts is none."""
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def problems(site: Path) -> list[str]:
    """What is wrong, one line each."""
    found = []
    for path in pages_of(site):
        page = page_of(path)
        for link in sorted(page.links | page.loaded):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if link in page.loaded and parts.scheme != "data":
                    found.append(f"{path.relative_to(site)}: loads {link}")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.exists():
                found.append(f"{path.relative_to(site)}: {link} leads to no file")
            elif target.suffix == ".html" and link in page.links:
                if unquote(parts.fragment) not in page_of(target).anchors:
                    found.append(f"{path.relative_to(site)}: {link} leads to no anchor")
    for path in sorted(site.rglob("*.css")):
        for link in re.findall(
            r"(?:url\(|@import\s+)[\"']?(https?://[^\"')]+)", path.read_text()
        ):
            found.append(f"{path.relative_to(site)}: loads {link}")
    return found


def main(site: Path) -> int:
    """Print what is wrong; the status is 1 if anything is."""
    pages = pages_of(site)
    found = problems(site)
    print("\n".join(found))
    print(f"{len(pages)} pages, {len(found)} links that lead nowhere or outside")
    return 1 if found or not pages else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
