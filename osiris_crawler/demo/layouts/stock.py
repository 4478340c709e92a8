"""SPIP's stock skeleton, by the marks that SITE lists: arbo, cartouche, info-publi, chapo, texte, ps, notes, crayons."""

from __future__ import annotations

from html import escape

from osiris_crawler.demo.layouts import view
from osiris_crawler.demo.layouts.view import Layout, Page
from osiris_crawler.demo.pieces import french_day


def draw(page: Page) -> str:
    menu = "".join(
        f'<li class="nav-item"><a href="{escape(path)}">{escape(title)}</a></li>' for title, path in view.menu(page)
    )
    return (
        f'<!DOCTYPE html>\n<html class="ltr fr no-js" lang="fr" dir="ltr">\n{view.head(page)}<body class="page_{_name(page)}">\n<div class="page">\n'
        f'<header class="header" role="banner"><strong class="h1"><a rel="start home" href="{escape(page.base)}">{view.NAME}</a></strong></header>\n'
        f'<nav class="nav"><ul>{menu}</ul></nav>\n<main class="main" role="main"><div class="wrapper"><div class="content" id="content">\n{_content(page)}\n</div></div>\n'
        f'<aside class="aside" role="complementary">\n{_side(page)}\n</aside></main>\n<footer class="footer"><p class="colophon"><a rel="contents" href="spip.php?page=plan">Plan du site</a> | '
        f'<a href="{escape(page.world.sections[page.world.batik].path)}">Archives (Batik)</a> | {view.traps(page)}</p></footer>\n</div>\n{view.CRON}\n</body>\n</html>\n'
    )


def _name(page: Page) -> str:
    return {"home": "sommaire", "section": "rubrique", "keyword": "mot", "author": "auteur", "error": "404"}.get(
        page.kind, page.kind
    )


def _content(page: Page) -> str:
    crumbs = view.breadcrumb(page, names=' class="arbo"') if page.kind not in ("home", "error") else ""
    if page.kind == "article":
        return crumbs + "\n" + _article(page)
    if page.kind == "plan":
        return f'{crumbs}<div class="cartouche"><h1>{escape(page.title)}</h1></div>{view.tree(page)}'
    if page.kind == "error":
        return '<div class="cartouche"><h1>Erreur 404</h1></div><p>La page demandée n’existe pas.</p>'
    sections = "".join(f'<li><a href="{escape(s.path)}">{escape(s.title)}</a></li>' for s in page.sections or [])
    sub = f'<div class="menu menu_rubriques"><h2>Sous-rubriques</h2><ul>{sections}</ul></div>' if sections else ""
    entries = "\n".join(
        f'<li class="hentry"><strong><a href="{escape(p.path)}">{escape(p.title)}</a></strong><br /><small>{view.entry_day(p)}</small>'
        f'<div class="introduction entry-content"><p>{view.teaser(p)}</p></div></li>'
        for p in page.entries or []
    )
    pages = "".join(
        f"<li><a href='{escape(address)}' class='lien_pagination' rel='nofollow'>{number}</a></li>"
        for number, address in view.pages(page)
    )
    return (
        f'{crumbs}\n<div class="cartouche"><h1>{escape(page.title)}</h1></div>\n<div class="menu menu_articles"><a id="pagination_articles"></a><ul>{entries}</ul>\n'
        f'<nav class="pagination"><ul>{pages}</ul></nav></div>\n{sub}'
    )


def _article(page: Page) -> str:
    piece = page.piece
    assert piece is not None
    n = piece.number
    kind = "breve" if piece.kind == "breve" else "article"
    author = 'par <a class="url fn" href="_Redaction_.html">Rédaction</a>' if n % 997 == 0 else ""
    lead = f'<div class="crayon {kind}-chapo-{n} chapo"><p>{view.inline(piece.lead)}</p></div>' if piece.lead else ""
    link = (
        f'<p class="hyperlien">Voir en ligne : <a href="{escape(piece.link)}" class="spip_out">{escape(piece.link)}</a></p>'
        if piece.link
        else ""
    )
    ps = f'<div class="crayon {kind}-ps-{n} ps"><h2>P.-S.</h2><p>{view.inline(piece.ps)}</p></div>' if piece.ps else ""
    notes = f'<div class="notes"><h2>Notes</h2>{view.notes(piece)}</div>' if piece.notes else ""
    joined = view.media(piece)
    return (
        f'<div class="cartouche"><h1 class="crayon {kind}-titre-{n} entry-title">{escape(piece.title)}</h1>'
        f'<p class="info-publi"><abbr class="published" title="{piece.day.isoformat()}T00:00:00Z">{french_day(piece.day)}</abbr>{author}</p></div>\n'
        f'{lead}\n<div class="crayon {kind}-texte-{n} texte">{view.body(piece)}\n{view.attribution(piece)}</div>\n{link}\n<div class="documents" id="documents_joints">{joined}</div>\n{ps}\n{notes}'
    )


def _side(page: Page) -> str:
    world = page.world
    tags, siblings = "", ""
    if page.piece is not None:
        piece = page.piece
        near = [p for p in world.published() if p.section == piece.section][:10]
        siblings = (
            '<div class="menu"><h2>Dans la même rubrique</h2><ul>'
            + "".join(f'<li><a href="{escape(p.path)}">{escape(p.title)}</a></li>' for p in near)
            + "</ul></div>"
        )
        if piece.tag:
            tags = f'<div class="menu"><h2>Mots-clés</h2><ul><li><a href="{escape(world.keyword_path(piece.tag))}" rel="tag">{escape(piece.tag)}</a></li></ul></div>'
    known = (
        f'<div class="menu"><h2>Nuage</h2><ul class="nuage">{view.cloud(page)}</ul></div>'
        if page.kind == "home"
        else ""
    )
    return siblings + tags + known


LAYOUT = Layout("stock", draw)
