"""The look since 2024: menu, breadcrumb, title, date, keyword, text, attribution, news, cloud."""

from __future__ import annotations

from html import escape

from osiris_crawler.demo.layouts import view
from osiris_crawler.demo.layouts.view import Layout, Page
from osiris_crawler.demo.pieces import french_day


def draw(page: Page) -> str:
    menu = "".join(
        f'<li class="nav-item"><a class="nav-link" href="{escape(path)}">{escape(title)}</a></li>'
        for title, path in view.menu(page)
    )
    return (
        f'<!DOCTYPE html>\n<html lang="fr">\n{view.head(page)}<body>\n<div class="container">\n'
        f'<div class="masthead"><a href="{escape(page.base)}">{view.NAME}</a><p>{view.TAGLINE}</p></div>\n'
        f'<div class="navbar"><a href="#menu">Show navigation</a> <a href="#menu">Hide navigation</a><ul id="menu">{menu}</ul></div>\n'
        f'<div class="row"><div class="col-md-8">\n{_content(page)}\n</div>\n<div class="col-md-4">\n{_side(page)}\n</div></div>\n'
        f'<div class="bottom"><p>{page.world.today.year} OSIRIS</p><p><a href="spip.php?page=plan">Plan du site</a> - '
        f'<a href="{escape(page.world.sections[page.world.batik].path)}">Archives (Batik)</a></p><p>{view.traps(page)}</p><p>Suivez-vous</p></div>\n'
        f"</div>\n{view.CRON}\n</body>\n</html>\n"
    )


def _content(page: Page) -> str:
    crumbs = view.breadcrumb(page, names=' class="fil-ariane"') if page.kind not in ("home", "error") else ""
    if page.kind == "article":
        return crumbs + "\n" + _article(page)
    if page.kind == "plan":
        return f"{crumbs}<h1>{escape(page.title)}</h1>{view.tree(page)}"
    if page.kind == "error":
        return "<h1>404</h1><p>La page demandée n’existe pas.</p>"
    sections = "".join(f'<li><a href="{escape(s.path)}">{escape(s.title)}</a></li>' for s in page.sections or [])
    entries = "\n".join(
        f'<div class="card"><h3><a href="{escape(p.path)}">{escape(p.title)}</a></h3><p class="date">{view.entry_day(p)}</p><p>{view.teaser(p)}</p></div>'
        for p in page.entries or []
    )
    pages = " ".join(f'<a href="{escape(address)}">{number}</a>' for number, address in view.pages(page))
    return f'{crumbs}\n<h1>{escape(page.title)}</h1>\n<ul class="sections">{sections}</ul>\n<div class="cards">{entries}</div>\n<p class="pages">{pages}</p>'


def _article(page: Page) -> str:
    piece = page.piece
    assert piece is not None
    tag = (
        f'<p><a href="{escape(page.world.keyword_path(piece.tag))}">{escape(piece.tag)}</a></p>\n' if piece.tag else ""
    )
    lead = f'<div class="chapo"><p>{view.inline(piece.lead)}</p></div>\n' if piece.lead else ""
    more = '<p><a href="http://ailleurs.example/suite">Lire la suite</a></p>' if piece.kind == "breve" else ""
    link = (
        f'<p class="lien">Voir en ligne : <a href="{escape(piece.link)}" class="spip_out">{escape(piece.link)}</a></p>'
        if piece.link
        else ""
    )
    ps = f"<h4>P.-S.</h4>\n<p>{view.inline(piece.ps)}</p>\n" if piece.ps else ""
    notes = f"<h4>Notes</h4>\n{view.notes(piece)}\n" if piece.notes else ""
    return (
        f'<h1>{escape(piece.title)}</h1>\n<p class="jour">{french_day(piece.day)}</p>\n{tag}{lead}<div class="contenu">{view.media(piece)}\n{view.body(piece)}\n'
        f"{view.attribution(piece)}</div>\n{more}{link}\n{ps}{notes}"
    )


def _side(page: Page) -> str:
    return (
        f'<h3>Fil d\'actu</h3>\n<ul>{view.news(page)}</ul>\n<h3>Liens intéressants</h3>\n<ul><li><a href="http://nic.example/">NIC</a></li>'
        f'<li><a href="http://isoc.example/">ISOC</a></li></ul>\n<h3>Navigation par mots clés</h3>\n<ul class="nuage">{view.cloud(page)}</ul>'
    )


LAYOUT = Layout("current", draw)
