"""Writes the cases of the embedded site: python tests/cases/embedded.py

What they expect is what was planted (demo/world.py), as far as each look shows it on the page itself, and never what the
reader says. Run it when a look changes; the cases of looks that are gone may stay, as archived pages do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from osiris_crawler.care.casing import Answer, write
from osiris_crawler.demo.layouts import LAYOUTS
from osiris_crawler.demo.pages import Site
from osiris_crawler.demo.world import World

HERE = Path(__file__).parent
BASE = "http://demo.example/"
ARTICLES = 60
# Numbers of the articles of each look: among them every ornament and every form of attribution.
PICKED = {
    "current": (12, 34, 39, 46, 53, 54),
    "2012": (43, 45, 48, 52, 55, 57),
    "stock": (9, 13, 18, 19, 51, 56),
    "opaque": (26, 27, 33, 38, 42, 50),
    "magazine": (15, 23, 30, 32, 49, 54),
    "tables1999": (21, 22, 24, 36, 39, 53),
    "regional": (13, 35, 44, 45, 46, 57),
}
KEYWORDS = ("Editorial", "Téléphonie")
BARE = ("2012", "tables1999")  # their articles' pages show neither breadcrumb nor keyword
NUMBERED = ("stock",)  # its markup states SPIP's number


def article(truth: dict[str, Any], layout: str) -> dict[str, Any]:
    """What an article's page is to say."""
    files = {name: [{**file, "url": BASE + file["url"]} for file in truth[name]] for name in ("images", "documents")}
    return {
        "page": "article",
        "section": [] if layout in BARE else truth["section"],
        "title": truth["title"],
        "overline": None,
        "subtitle": None,
        "date": truth["date"],
        "date_text": truth["date_text"],
        "tags": [] if layout in BARE else truth["tags"],
        **{name: truth[name] for name in ("authors", "lead", "body", "ps", "notes", "sources", "link")},
        **files,
        "language": truth["language"],
        "number": truth["number"] if layout in NUMBERED else None,
        "issues": [],
    }


def keyword(world: World, name: str, layout: str) -> dict[str, Any]:
    """What a keyword's page is to say."""
    return {
        "page": "listing",
        "section": [] if layout in BARE else ["Mots-clés"],
        "listing": "keyword",
        "heading": name,
        "entries": [
            {"url": BASE + piece.path, "title": piece.title, "date": piece.day.isoformat()}
            for piece in world.keywords()[name]
        ],
        "subsections": [],
        "pages": [],
    }


def main() -> None:
    world = World(ARTICLES)
    keywords = world.keywords()
    for at, layout in enumerate(LAYOUTS):
        site = Site(world, layout, BASE)

        def put(name: str, path: str, expected: dict[str, Any], site: Site = site, layout: str = layout) -> None:
            answer = site.answer("/" + path)
            origin = f"the embedded site of {ARTICLES} articles in the look “{layout}”"
            told = Answer(BASE + path, answer.status, BASE, {"content-type": answer.mime}, origin=origin)
            write(HERE / name, answer.body, told, expected, force=True)

        for truth in world.truth(layout):
            if truth["number"] in PICKED[layout]:
                put(f"{layout}-{truth['number']}", truth["url"], article(truth, layout))
        name = KEYWORDS[at % len(KEYWORDS)]
        assert 0 < len(keywords[name]) <= 10
        put(f"{layout}-keyword", world.keyword_path(name), keyword(world, name, layout))
        if at == 0:
            put("current-soft-404", "spip.php?article99999", {"page": "soft404", "section": []})
            put("current-404", "nothing-here.html", {"page": "error", "section": []})


if __name__ == "__main__":
    main()
