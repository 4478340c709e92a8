"""What the layouts share: the parts of a page as HTML, escaped, without any look of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from osiris_crawler.demo import words
from osiris_crawler.demo.pieces import Piece, Section, french_day
from osiris_crawler.demo.world import PER_PAGE, World

NAME = "OSIRIS"
TAGLINE = "Observatoire sur les systèmes d’information, les réseaux et les inforoutes au Sénégal"
TEASER = 180  # letters of a teaser
CUT = 80  # letters of the breadcrumb's last step


@dataclass(slots=True)
class Page:
    """One page to be drawn. `crumbs`: (title, path or None); `self_path` is its canonical address, "" for home."""

    world: World
    base: str
    title: str
    self_path: str
    crumbs: list[tuple[str, str | None]]
    kind: str  # "article", "section", "keyword", "home", "plan", "author", "error"
    piece: Piece | None = None
    entries: list[Piece] | None = None
    sections: list[Section] | None = None
    loop: str = "articles"
    offset: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """A look: `draw` makes a page's HTML from its view."""

    name: str
    draw: Callable[[Page], str]


def head(page: Page, extra: str = "") -> str:
    """The head of a page; page 2 of a listing names page 1 as its canonical."""
    title = f"{page.title} - {NAME}" if page.kind != "home" else f"{NAME} - {TAGLINE}"
    canonical = (
        "" if page.kind == "error" else f'<link rel="canonical" href="{escape(page.base + page.self_path)}" />\n'
    )
    return (
        f'<head>\n<title>{escape(title)}</title>\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />\n'
        f'<meta name="generator" content="SPIP 4.3.5" />\n{canonical}'
        '<link rel="stylesheet" href="squelettes/style.css?1700000000" type="text/css" />\n'
        '<link rel="alternate" type="application/rss+xml" title="Syndiquer tout le site" href="spip.php?page=backend" />\n'
        f'<script src="squelettes/menu.js?1700000000"></script>\n{extra}</head>\n'
    )


def inline(text: str) -> str:
    """Text with hard line breaks and footnote calls as SPIP writes them."""
    out = escape(text, quote=False).replace("\n", "\n<br class='autobr' />\n")
    return re.sub(
        r"\u00a0\[(\d+)\]",
        r'<span class="spip_note_ref">&nbsp;[<a href="#nb\1" class="spip_note" rel="appendix" id="nh\1">\1</a>]</span>',
        out,
    )


def body(piece: Piece, *, paragraph: str = "p", heading: str = "h2") -> str:
    """The text of an article, without its attribution."""
    parts = []
    for block in piece.blocks:
        if block[0] == "p":
            parts.append(f"<{paragraph}>{inline(block[1])}</{paragraph}>")
        elif block[0] == "h":
            parts.append(f'<{heading} class="spip">{inline(block[1])}</{heading}>')
        elif block[0] == "quote":
            parts.append(f'<blockquote class="spip"><p>{inline(block[1])}</p></blockquote>')
        elif block[0] == "list":
            parts.append('<ul class="spip">' + "".join(f"<li>{inline(item)}</li>" for item in block[1]) + "</ul>")
        else:
            rows = "".join(
                "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in block[2][1:]
            )
            first = "<tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in block[2][0]) + "</tr>"
            parts.append(
                f'<table class="spip"><caption>{escape(block[1])}</caption><thead>{first}</thead><tbody>{rows}</tbody></table>'
            )
    return "\n".join(parts)


def media(piece: Piece) -> str:
    """Pictures as thumbnails that lead to the original, and documents."""
    parts = []
    for image in piece.images:
        url, title = str(image["url"]), str(image["title"])
        thumb = url.replace("IMG/png/", "local/cache-vignettes/L120xH80/")
        parts.append(
            f'<figure class="spip_document_{piece.number}"><a href="{escape(url)}" type="image/png"><img src="{escape(thumb)}?1700000000" '
            f'width="120" height="80" alt="" /></a><figcaption>{escape(title)}</figcaption></figure>'
        )
    parts.extend(
        f'<figure class="spip_document_{piece.number}"><a href="{escape(str(document["url"]))}" type="application/pdf">'
        f"{escape(str(document['title']))}</a></figure>"
        for document in piece.documents
    )
    return "\n".join(parts)


def attribution(piece: Piece) -> str:
    """Author and source, as two lines; every other source line ends a paragraph behind a hard break."""
    author = f"<p>{escape(piece.author)}</p>\n" if piece.author and piece.sources else ""
    if not piece.sources:
        return ""
    source = piece.sources[0]
    text = escape(str(source["text"]), quote=False)
    if source["url"] and source["name"]:
        name = escape(str(source["name"]), quote=False)
        text = text.replace(
            name, f'<a href="{escape(str(source["url"]))}" class="spip_out" rel="external">{name}</a>', 1
        )
    return f"{author}<p>{text}</p>"


def notes(piece: Piece) -> str:
    return "\n".join(
        f'<div id="nb{n}"><p><span class="spip_note_ref">[<a href="#nh{n}" class="spip_note" rev="appendix">{n}</a>]&nbsp;</span>{inline(note)}</p></div>'
        for n, note in enumerate(piece.notes, 1)
    )


def teaser(piece: Piece) -> str:
    text = piece.body().replace("\n", " ")
    return escape(text if len(text) <= TEASER else text[:TEASER].rsplit(" ", 1)[0] + f"{chr(160)}(…)", quote=False)


def entry_day(piece: Piece) -> str:
    return french_day(piece.day, weekday=False)


def breadcrumb(page: Page, *, tag: str = "p", names: str = "") -> str:
    """Accueil > … > title, the last step cut as SPIP cuts it."""
    last = page.title if len(page.title) <= CUT else page.title[:CUT].rsplit(" ", 1)[0] + " (…)"
    steps = [f'<a href="{escape(page.base)}">Accueil</a>']
    steps += [f'<a href="{escape(path)}">{escape(title)}</a>' if path else escape(title) for title, path in page.crumbs]
    return f"<{tag}{names}>{' &gt; '.join(steps)} &gt; <strong>{escape(last)}</strong></{tag}>"


def cloud(page: Page, item: str = "li") -> str:
    keywords = page.world.keywords()
    most = max((len(pieces) for pieces in keywords.values()), default=1)
    return "\n".join(
        f'<{item}><span class="frequence">{len(pieces)}/{most}</span> <a href="{escape(page.world.keyword_path(name))}" rel="tag">{escape(name)}</a></{item}>'
        for name, pieces in keywords.items()
    )


def news(page: Page, item: str = "li") -> str:
    """The feed of other sites' news; it changes when the cache is emptied."""
    titles = [words.EXTERNAL[(n + page.world.purges) % len(words.EXTERNAL)] for n in range(5)]
    return "\n".join(
        f'<{item}><a href="http://fil.example/{n}">{title}</a> Réseau ({9 - n} avril {page.world.today.year})</{item}>'
        for n, title in enumerate(titles)
    )


def menu(page: Page) -> list[tuple[str, str]]:
    """(title, path) of the sections in the menu; Batik is not among them."""
    return [(s.title, s.path) for s in page.world.sections.values() if s.parent is None and s.id != page.world.batik]


def traps(page: Page) -> str:
    """Links that cost and give nothing; every page of a SPIP site has them."""
    here = page.self_path or "./"
    links = [
        (f"spip.php?page=login&url={here}", "Se connecter"), (f"{here}?lang=en", "English"), (f"{here}?var_mode=recalcul", "Recalculer"),
        ("spip.php?page=recherche&recherche=internet", "Recherche"), ("spip.php?page=calendrier&mois=3&annee=2031", "Agenda"),
        ("spip.php?page=backend&id_rubrique=3", "RSS"), ("spip.php?page=contact", "Contact"), ("ecrire/", "Espace privé"),
    ]  # fmt: skip
    if page.kind == "article":
        links += [(f"{here}?debut_freres=10", "2"), (f"{here}?debut_freres=20", "3")]
    if page.kind == "keyword":
        links += [(f"{here}?debut_mots_freres=20", "2"), (f"{here}?debut_articles=10&debut_mots_freres=20", "3")]
    return " | ".join(f'<a href="{escape(path)}" rel="nofollow">{text}</a>' for path, text in links)


def pages(page: Page) -> list[tuple[int, str]]:
    """(number, address) of a listing's pages; empty for a listing of one page."""
    if page.total <= PER_PAGE:
        return []
    return [
        (
            n // PER_PAGE + 1,
            page.self_path if n == 0 else f"{page.self_path}?debut_{page.loop}={n}#pagination_{page.loop}",
        )
        for n in range(0, page.total, PER_PAGE)
    ]


def tree(page: Page, parent: int | None = None) -> str:
    """The plan du site: sections in nested lists."""
    children = [s for s in page.world.sections.values() if s.parent == parent]
    if not children:
        return ""
    return (
        "<ul>"
        + "".join(f'<li><a href="{escape(s.path)}">{escape(s.title)}</a>{tree(page, s.id)}</li>' for s in children)
        + "</ul>"
    )


CRON = '<img src="spip.php?action=cron" width="1" height="1" alt="" />'
