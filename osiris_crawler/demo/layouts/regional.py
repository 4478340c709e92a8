"""The site of a regional press association: its own templates on SPIP 3, everything on every page.

What is hard about it: an agenda with weekday dates and a long list of sections stand before the article in the source,
and the footer carries one more weekday date, while the article's own date has no weekday; the breadcrumb is labelled
"Vous êtes ici :" and goes by "»"; the site's name is the `<h1>`, the article's title an `<h2>` like those of the boxes;
where the text is long, the listing's teaser, cut with " (…)", stands over it like a lead; the author stands in the date
line with a link to a page of their own; the keyword is part of a sentence in one of two wordings; pictures and
documents stand in blocks of their own after the text; "Dans le même dossier" shows whole paragraphs of sibling articles
under full dates, and the previous and next articles carry dates too.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape

from osiris_crawler.demo.layouts import around, view
from osiris_crawler.demo.layouts.view import NAME, TAGLINE, Layout, Page
from osiris_crawler.demo.pieces import Piece, Section, french_day

_LONG = 380  # letters of a sibling's paragraph


def draw(page: Page) -> str:
    menu = " <b>·</b> ".join(f'<a href="{escape(path)}">{escape(title)}</a>' for title, path in around.top(page))
    title = f"{page.title} - {page.crumbs[-1][0]} - {NAME}" if page.crumbs else f"{page.title} - {NAME}"
    extra = (
        '<meta name="generator" content="SPIP 3.2.19">\n<link rel="stylesheet" href="squelettes/asso.css?1700000000">\n'
    )
    return (
        f'<!DOCTYPE html>\n<html lang="fr">\n{around.head(page, title, extra)}<body>\n<div id="bandeau"><h1><a href="{escape(page.base)}">{NAME}</a></h1><div>{TAGLINE}</div>\n'
        f'<div id="onglets">{menu}</div></div>\n<div id="colonnes"><div id="marge">\n{_margin(page)}\n</div>\n<div id="centre">\n{_crumbs(page)}\n{_content(page)}\n</div></div>\n'
        f'<div id="pied">Association reconnue d’utilité publique, 14 rue des Piroguiers, Saint-Louis. Ouvert du mardi au samedi.<br>\n'
        f'Dernière mise à jour : {french_day(page.world.today)}<br>\n<a href="spip.php?page=plan">Plan du site</a> | {view.traps(page)}</div>\n{view.CRON}\n</body>\n</html>\n'
    )


def _margin(page: Page) -> str:
    """The agenda, the sections and a membership call, on every page."""
    days = "\n".join(
        f'<dt>{french_day(day)}</dt><dd><a href="spip.php?page=contact">{escape(what)}</a></dd>'
        for day, what in around.agenda(page, 4)
    )
    known = f"<h2>Index</h2>\n<ul>{view.cloud(page)}</ul>\n" if page.kind in ("home", "plan") else ""
    return (
        f"<h2>Agenda</h2>\n<dl>\n{days}\n</dl>\n<h2>Rubriques</h2>\n<ul>{_list(page)}</ul>\n{known}<h2>Adhérer</h2>\n"
        "<p>L’association vit des cotisations de ses membres. Pour recevoir le bulletin et prendre part aux votes, renvoyez le bulletin d’adhésion accompagné de votre règlement.</p>"
    )


def _list(page: Page) -> str:
    """Sections without those of single months, one after another."""
    sections = page.world.sections

    def depth(section: Section) -> int:
        return len(page.world.path_of(section.id))

    return "\n".join(
        f'<li><a href="{escape(s.path)}">{escape(s.title)}</a></li>' for s in sections.values() if depth(s) <= 3
    )


def _crumbs(page: Page) -> str:
    if page.kind in ("home", "error"):
        return ""
    steps = [f'<a href="{escape(page.base)}">Accueil</a>'] + [
        f'<a href="{escape(path)}">{escape(title)}</a>' if path else escape(title) for title, path in page.crumbs
    ]
    return f'<div class="ici">Vous êtes ici : {" » ".join(steps)} » {escape(page.title)}</div>'


def _content(page: Page) -> str:
    if page.kind == "article":
        return _article(page)
    if page.kind == "plan":
        return f"<h2>{escape(page.title)}</h2>{view.tree(page)}"
    if page.kind == "error":
        return "<h2>Page introuvable</h2><p>Rien ne se trouve à cette adresse.</p>"
    sections = "".join(f'<li><a href="{escape(s.path)}">{escape(s.title)}</a></li>' for s in page.sections or [])
    below = f"<h3>Dans cette rubrique</h3><ul>{sections}</ul>" if sections else ""
    entries = "\n".join(
        f'<dt><a href="{escape(p.path)}">{escape(p.title)}</a></dt><dd><em>{view.entry_day(p)}</em> – {view.teaser(p)}</dd>'
        for p in page.entries or []
    )
    pages = " ".join(f'[<a href="{escape(address)}">{number}</a>]' for number, address in view.pages(page))
    return f"<h2>{escape(page.title)}</h2>\n{below}\n<dl>\n{entries}\n</dl>\n<p>{pages}</p>"


def _article(page: Page) -> str:
    piece = page.piece
    assert piece is not None
    by = (
        f', par <a href="{escape(around.author_path(piece.author))}">{escape(piece.author)}</a>'
        if piece.author and piece.sources
        else ""
    )
    cut = view.teaser(piece)
    teaser = f'<div class="annonce">{cut}</div>\n' if cut.endswith("(…)") else ""
    lead = f"<p><strong>{view.inline(piece.lead)}</strong></p>\n" if piece.lead else ""
    return (
        f'<h2>{escape(piece.title)}</h2>\n<div class="ligne">{french_day(piece.day, weekday=False)}{by}</div>\n{teaser}{lead}<div class="lecture">\n{view.body(piece, heading="h3")}\n'
        f"{view.attribution(replace(piece, author=None))}\n</div>\n{_after(piece)}{_files(piece)}{_keyword(page, piece)}{_folder(page)}{_chain(page)}"
    )


def _after(piece: Piece) -> str:
    parts = []
    if piece.kind == "breve":
        parts.append('<p><a href="http://ailleurs.example/suite">Lire la suite</a></p>\n')
    if piece.link:
        parts.append(f'<p>Voir en ligne : <a href="{escape(piece.link)}">{escape(piece.link)}</a></p>\n')
    if piece.ps:
        parts.append(f"<h3>Post-scriptum</h3>\n<p>{view.inline(piece.ps)}</p>\n")
    if piece.notes:
        parts.append(f"<h3>Notes</h3>\n{view.notes(piece)}\n")
    return "".join(parts)


def _files(piece: Piece) -> str:
    """Documents with their size, pictures as a sheet of thumbnails with captions."""
    parts = []
    if piece.documents:
        rows = "".join(
            f'<li><a href="{escape(str(document["url"]))}" type="application/pdf">{escape(str(document["title"]))}</a> <small>(PDF, 12 ko)</small></li>'
            for document in piece.documents
        )
        parts.append(f"<h2>Documents</h2>\n<ul>{rows}</ul>\n")
    if piece.images:
        cells = "".join(
            f'<td><a href="{escape(str(image["url"]))}" type="image/png"><img src="{escape(str(image["url"]).replace("IMG/png/", "local/cache-vignettes/L120xH80/"))}?1700000000" width="120" height="80" alt=""></a>'
            f"<br>{escape(str(image['title']))}</td>"
            for image in piece.images
        )
        parts.append(f"<h2>Portfolio</h2>\n<table><tr>{cells}</tr></table>\n")
    return "".join(parts)


def _keyword(page: Page, piece: Piece) -> str:
    if not piece.tag:
        return ""
    label = "Mots-clés associés" if piece.number % 2 else "Thèmes"
    return f'<p>{label} : <a href="{escape(page.world.keyword_path(piece.tag))}">{escape(piece.tag)}</a>.</p>\n'


def _folder(page: Page) -> str:
    """Whole paragraphs of sibling articles."""
    found = around.siblings(page, 3) or around.others(page, "folder", 2)
    return "<h2>Dans le même dossier</h2>\n" + "\n".join(
        f'<h3><a href="{escape(piece.path)}">{escape(piece.title)}</a></h3>\n<div>{french_day(piece.day)}</div>\n<p>{around.teaser(piece, _LONG)}</p>'
        for piece in found
    )


def _chain(page: Page) -> str:
    before, after = around.neighbours(page)
    links = [
        f'<li>{label} : <a href="{escape(piece.path)}">{escape(piece.title)}</a>, {french_day(piece.day, weekday=False)}</li>'
        for label, piece in (("Article précédent", before), ("Article suivant", after))
        if piece is not None
    ]
    return f"\n<ul>{''.join(links)}</ul>"


LAYOUT = Layout("regional", draw)
