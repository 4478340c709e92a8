"""The look of 2012–2024: no breadcrumb and no keyword line; section and keyword are known from listings alone."""

from __future__ import annotations

from html import escape

from osiris_crawler.demo.layouts import view
from osiris_crawler.demo.layouts.view import Layout, Page
from osiris_crawler.demo.pieces import french_day


def draw(page: Page) -> str:
    menu = "".join(f'<td><a href="{escape(path)}">{escape(title)}</a></td>' for title, path in view.menu(page))
    return (
        f'<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
        f'<html xmlns="http://www.w3.org/1999/xhtml" lang="fr">\n{view.head(page)}<body>\n<div id="haut"><a href="{escape(page.base)}"><img src="IMG/logo/osiris.png?1700000000" alt="{view.NAME}" /></a> '
        f'<a href="http://twitter.example/">twitter</a> <a href="http://facebook.example/">facebook</a> <a href="spip.php?page=backend">rss</a></div>\n'
        f'<table class="barre"><tr>{menu}</tr></table>\n<div id="page"><div id="gauche">\n{_content(page)}\n</div>\n<div id="droite">\n{_side(page)}\n</div></div>\n'
        f'<div id="bas">OSIRIS <a href="spip.php?page=plan">Plan du site</a> <a href="{escape(page.world.sections[page.world.batik].path)}">Archives (Batik)</a> {view.traps(page)}</div>\n{view.CRON}\n</body></html>\n'
    )


def _content(page: Page) -> str:
    if page.kind == "article":
        return _article(page)
    if page.kind == "plan":
        return f"<h2>{escape(page.title)}</h2>{view.tree(page)}"
    if page.kind == "error":
        return "<h2>Erreur 404</h2><p>La page demandée n’existe pas.</p>"
    sections = "".join(f'<li><a href="{escape(s.path)}">{escape(s.title)}</a></li>' for s in page.sections or [])
    entries = "\n".join(
        f'<tr><td><a href="{escape(p.path)}"><b>{escape(p.title)}</b></a><br /><i>{view.entry_day(p)}</i><br />{view.teaser(p)}</td></tr>'
        for p in page.entries or []
    )
    pages = " | ".join(f'<a href="{escape(address)}">{number}</a>' for number, address in view.pages(page))
    return f"<h2>{escape(page.title)}</h2>\n<ul>{sections}</ul>\n<table>{entries}</table>\n<div>{pages}</div>"


def _article(page: Page) -> str:
    piece = page.piece
    assert piece is not None
    lead = f'<div class="chapo">{view.inline(piece.lead)}</div>\n' if piece.lead else ""
    link = (
        f'<p class="hyperlien">Voir en ligne : <a href="{escape(piece.link)}">{escape(piece.link)}</a></p>'
        if piece.link
        else ""
    )
    ps = f'<div class="ps"><p>{view.inline(piece.ps)}</p></div>\n' if piece.ps else ""
    notes = f'<div class="notes">{view.notes(piece)}</div>\n' if piece.notes else ""
    more = '<p><a href="http://ailleurs.example/suite">Lire la suite</a></p>' if piece.kind == "breve" else ""
    text = view.body(piece, heading="h3").replace("<br class='autobr' />", "<br />")
    return (
        f'<div class="outils"><a href="#">Imprimer</a> <a href="#">Texte plus petit</a> <a href="#">Texte plus grand</a></div>\n'
        f'<div class="entete"><span class="titre">{escape(piece.title)}</span></div>\n<div class="date">{french_day(piece.day)}</div>\n{lead}'
        f'<div class="corps">{view.media(piece)}{text}\n{view.attribution(piece)}</div>\n{more}{link}{ps}{notes}<div class="mots">Mots clés</div>'
    )


def _side(page: Page) -> str:
    figures = "".join(f"<p>{120 + page.world.purges * 7 + n} 000 abonnés au service {n}</p>" for n in range(1, 5))
    return (
        f"<h4>Inscrivez-vous a BATIK</h4><p>Recevez chaque mois la lettre électronique de l’observatoire, consacrée à l’actualité des technologies de l’information.</p>"
        f'<h4>Navigation par mots clés</h4><ul class="nuage">{view.cloud(page)}</ul><h4>INTERNET EN CHIFFRES</h4>{figures}'
    )


LAYOUT = Layout("2012", draw)
