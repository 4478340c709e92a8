"""One real page that is known as text: made into HTML again in several looks, it is read as on first contact.

The text has the order of the current look: menu, breadcrumb, title, date line, keyword line, text, source line, boxes with
their lists, the keyword cloud, foot. What should be read is told by that order; nothing of the text is in the project.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from osiris_crawler.demo.pieces import MONTHS, slugify
from osiris_crawler.extract.page import read as read_page
from osiris_crawler.site import profile

from .metrics import folded, letters
from .table import by_rows

URL = "https://www.osiris.sn/article-de-la-page-connue.html"
_BULLET = re.compile(r"^\s*•\s+")
_SHARE = re.compile(r"^(\d+)/(\d+)\s+(.+)$")
_SOURCE = re.compile(r"^\(Source\s*:\s*(.+?),?\s+(\d.*)\)$")
_DAY = re.compile(r"(\d{1,2})(?:er)? (\w+) (\d{4})$")
_NAMES = re.compile(r' (?:class|id)="([^"]*)"')
_TAGS = re.compile(r"<(/?)(?:h\d|p|ul|li|main|aside)\b")


@dataclass(frozen=True, slots=True)
class Known:
    """The page's parts. `boxes`: a line, or a list of items."""

    top: list[str | list[str]]
    crumbs: list[str]
    title: str
    day: str
    keyword: str | None
    text: list[str]
    source: str
    boxes: list[str | list[str]]

    @property
    def cloud(self) -> dict[str, int]:
        shares = (_SHARE.match(item) for box in self.boxes if isinstance(box, list) for item in box)
        return {share[3]: int(share[1]) for share in shares if share}


def parse(text: str) -> Known:
    """The parts of the text; ValueError when it has another order."""
    lines = text.splitlines()
    try:
        path = next(n for n, line in enumerate(lines) if line.startswith("Accueil > "))
        source = next(n for n, line in enumerate(lines) if line.startswith("(Source"))
    except StopIteration:
        raise ValueError("it has no breadcrumb or no source line") from None
    boxes = _boxes(lines[source + 1 :])
    cloud = {share[3] for box in boxes if isinstance(box, list) for item in box if (share := _SHARE.match(item))}
    title, day, *rest = [line for line in lines[path + 1 : source] if line.strip()]
    keyword = rest.pop(0) if rest and rest[0] in cloud else None
    crumbs = lines[path].split(" > ")[1:]
    return Known(_boxes(lines[:path]), crumbs, title, day, keyword, rest, lines[source], boxes)


def _boxes(lines: Sequence[str]) -> list[str | list[str]]:
    found: list[str | list[str]] = []
    for line in lines:
        if not line.strip():
            continue
        if _BULLET.match(line):
            if not found or isinstance(found[-1], str):
                found.append([])
            last = found[-1]
            assert isinstance(last, list)
            last.append(_BULLET.sub("", line).strip())
        else:
            found.append(line.strip())
    return found


# -- looks ------------------------------------------------------------------------------------------------------------


def _html(known: Known, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8"><title>{escape(known.title)} - {escape(str(known.top[0]))}</title>'
        f"</head>\n<body>\n{body}\n</body></html>\n"
    )


def _item(item: str) -> str:
    share = _SHARE.match(item)
    if share is not None:
        return f'<li><span>{share[1]}/{share[2]}</span> <a href="+-{slugify(share[3], 60)}-+.html">{escape(share[3])}</a></li>'
    return f'<li><a href="-{slugify(item, 60)}-.html">{escape(item)}</a></li>'


def _drawn(boxes: Sequence[str | list[str]], line: str) -> str:
    return "\n".join(
        f"<{line}>{escape(box)}</{line}>" if isinstance(box, str) else f"<ul>{''.join(map(_item, box))}</ul>"
        for box in boxes
    )


def _paragraphs(known: Known) -> str:
    return "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in [*known.text, known.source])


def current(known: Known) -> str:
    steps = [f'<a href="-{slugify(step, 60)}-.html">{escape(step)}</a>' for step in known.crumbs[:-1]]
    path = " &gt; ".join(['<a href="/">Accueil</a>', *steps, f"<strong>{escape(known.crumbs[-1])}</strong>"])
    keyword = (
        f'<p class="mot"><a href="+-{slugify(known.keyword, 60)}-+.html">{escape(known.keyword)}</a></p>'
        if known.keyword
        else ""
    )
    return _html(
        known,
        f'<div class="haut">{_drawn(known.top, "p")}</div>\n<div class="page"><main class="gauche"><p class="chemin">{path}</p>\n'
        f'<h1>{escape(known.title)}</h1>\n<p class="jour">{escape(known.day)}</p>\n{keyword}\n'
        f'<div class="contenu">{_paragraphs(known)}</div></main>\n'
        f'<aside class="droite">{_drawn(known.boxes, "h3")}</aside></div>',
    )


def of_2012(known: Known) -> str:
    """Neither breadcrumb nor keyword; tools above the title, lines broken by `<br />`."""
    text = "<br />\n<br />\n".join(escape(line, quote=False) for line in known.text)
    boxes = ["Mots clés", "Inscrivez-vous a BATIK", *known.boxes]
    return _html(
        known,
        f'<div id="haut">twitter facebook rss</div><table><tr><td>{_drawn(known.top, "b")}</td></tr></table>\n<div id="gauche">'
        '<div class="outils"><a href="#">Imprimer</a> <a href="#">Texte plus petit</a> <a href="#">Texte plus grand</a></div>\n'
        f'<div class="entete"><span class="titre">{escape(known.title)}</span></div><div class="date">{escape(known.day)}</div>\n'
        f'<div class="corps">{text}<br />\n<br />\n{escape(known.source, quote=False)}</div>\n</div>\n'
        f'<div id="droite">{_drawn(boxes, "h4")}</div>',
    )


def opaque(known: Known) -> str:
    """The current look in nothing but div and span, its names drawn by lot."""

    def name(match: re.Match[str]) -> str:
        return f' class="{chr(97 + len(match[1]) % 26)}{hashlib.sha256(match[1].encode()).hexdigest()[:6]}"'

    return _NAMES.sub(name, _TAGS.sub(r"<\1div", current(known))).replace("strong", "span")


LOOKS: dict[str, tuple[Callable[[Known], str], bool]] = {  # whether it shows section and keyword
    "current": (current, True),
    "2012": (of_2012, False),
    "opaque": (opaque, True),
}


def _iso(day: str) -> str:
    """“vendredi 30 janvier 2015” → “2015-01-30”"""
    found = _DAY.search(day)
    if found is None:
        raise ValueError(f"{day!r} is no day")
    month = [name.lower() for name in MONTHS].index(found[2]) + 1
    return f"{found[3]}-{month:02d}-{int(found[1]):02d}"


# -- what is read -----------------------------------------------------------------------------------------------------


def table(file: Path) -> tuple[str, list[str]]:
    """(fields by looks: whether they come out; what falls short)"""
    known = parse(file.read_text("utf-8"))
    found = {look: dict(_checked(known, draw(known), shows=shows)) for look, (draw, shows) in LOOKS.items()}
    names = list(next(iter(found.values())))
    rows = [[name, *("right" if checks[name] is None else "wrong" for checks in found.values())] for name in names]
    short = [
        f"{name} of the page known as text, {look}: {wrong}"
        for look, checks in found.items() for name, wrong in checks.items() if wrong is not None
    ]  # fmt: skip
    return by_rows(["the page known as text", *found], rows), short


def _checked(known: Known, markup: str, *, shows: bool) -> Iterator[tuple[str, str | None]]:
    """(field, None or what is wrong with it)"""
    reading = read_page(URL, 200, "text/html; charset=utf-8", markup.encode(), profile.for_url(URL))
    article = reading.article
    if article is None:
        yield "article", f"it was taken for: {reading.kind}"
        return
    said = _SOURCE.match(known.source)
    if said is None:
        raise ValueError(f"its source line has another form: {known.source}")
    pairs: tuple[tuple[str, Any, Any], ...] = (
        ("title", folded(known.title), folded(article.title)),
        ("date", _iso(known.day), article.date),
        ("section", known.crumbs[:-1] if shows else [], [crumb.title for crumb in reading.breadcrumb]),
        ("tags", [known.keyword] if known.keyword and shows else [], article.tags),
        ("authors", [], article.authors),
        ("lead", None, article.lead),
        ("source line", [folded(known.source)], [folded(source.text) for source in article.sources]),
        ("source name", [said[1]], [source.name for source in article.sources]),
        ("source date", [_iso(said[2])], [source.date for source in article.sources]),
        ("body, every letter", letters("".join(known.text)), letters(article.body)),
        ("keyword totals", known.cloud, reading.cloud),
    )
    for name, planted, got in pairs:
        yield name, None if planted == got else f"{str(got)[:80]!r} instead of {str(planted)[:80]!r}"
