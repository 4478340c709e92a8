"""A responsive theme of a news magazine on SPIP 4, in utility classes.

What is hard about it: class names say how things look and stand on everything alike; the breadcrumb is an `<ol>` without
written separators; a badge with the section, reading time and a row of sharing words stand between title and text; the
author stands in a byline far from the attribution; the date carries a time and now and then a second date, of an update;
inside the text stand a box with another article's teaser (after the first paragraph), an advertisement and an
invitation to a newsletter; the keyword follows the text as a pill under a word of the site's own; teasers with dates and
readers' comments, which differ from page to page and may cite a source themselves, follow in the same column.
"""

from __future__ import annotations

from dataclasses import replace
from html import escape

from osiris_crawler.demo.layouts import around, view
from osiris_crawler.demo.layouts.view import NAME, TAGLINE, Layout, Page
from osiris_crawler.demo.pieces import Piece, french_day

_SHARE = (
    '<div class="flex items-center gap-2 my-4 text-sm text-gray-600"><span>Partager</span>'
    + "".join(
        f'<a class="px-2 py-1 rounded bg-gray-100" href="#" rel="nofollow">{name}</a>'
        for name in ("Facebook", "WhatsApp", "LinkedIn", "Par courriel", "Copier le lien")
    )
    + "</div>"
)
_ADVERT = (
    '<div class="my-6 rounded bg-gray-100 p-4 text-center"><span class="text-sm text-gray-600">Publicité</span></div>'
)
_LETTER = (
    '<div class="my-6 rounded bg-blue-50 p-4"><p class="font-bold">L’essentiel du numérique, chaque mardi dans votre boîte</p>'
    '<p class="text-sm text-gray-600">Rejoignez les lecteurs qui reçoivent notre sélection hebdomadaire. Gratuit, sans engagement, désinscription en un clic.</p>'
    '<form class="flex gap-2" action="spip.php?page=contact" method="post"><input class="rounded p-2" type="email" name="adresse" placeholder="Votre adresse">'
    '<button class="rounded px-2 py-1">Je m’abonne</button></form></div>'
)
_COOKIES = (
    '<div class="fixed bottom-0 p-4 bg-gray-900 text-white text-sm"><p>Ce site utilise des cookies pour mesurer son audience et vous proposer des contenus adaptés. '
    "Vous pouvez accepter, refuser ou choisir finalité par finalité.</p>"
    '<button class="rounded px-2 py-1">Tout accepter</button><button class="rounded px-2 py-1">Continuer sans accepter</button></div>'
)
_LEGAL = (
    '<p class="text-sm">Toute reproduction, même partielle, des contenus de ce site est soumise à l’autorisation préalable de l’éditeur, à l’exception des citations prévues par la loi, '
    "sous réserve que la provenance soit mentionnée avec un lien vers la page d’origine. L’éditeur ne saurait être tenu responsable des contenus des sites vers lesquels mènent les liens.</p>"
    '<p class="text-sm">Rédaction : Immeuble Teranga, 3e étage, avenue des Almadies, BP 0000, Dakar. Téléphone : +221 00 000 00 00. Directrice de la publication : la présidente de l’association. '
    "Hébergement : Coopérative des hébergeurs, 12 rue du Port, Saint-Louis.</p>"
)


def draw(page: Page) -> str:
    menu = "".join(
        f'<a class="px-2 py-1 text-sm" href="{escape(path)}">{escape(title)}</a>' for title, path in around.top(page)
    )
    return (
        f'<!doctype html>\n<html lang="fr" class="no-js">\n{_head(page)}<body class="bg-white text-gray-900">\n{_COOKIES}\n'
        f'<div class="border-b"><div class="container mx-auto flex items-center"><a class="font-bold" href="{escape(page.base)}">{NAME}</a>'
        f'<p class="text-sm text-gray-600">{TAGLINE}</p><button class="px-2 py-1">Ouvrir le menu</button></div><div class="container mx-auto flex">{menu}'
        '<a class="px-2 py-1 text-sm rounded bg-blue-50" href="spip.php?page=contact">Soutenez-nous</a></div></div>\n'
        f'<div class="container mx-auto p-4">\n{_crumbs(page)}\n{_content(page)}\n</div>\n{_bottom(page)}\n{view.CRON}\n</body>\n</html>\n'
    )


def _head(page: Page) -> str:
    title = f"{page.title} | {NAME}" if page.kind != "home" else f"{NAME} | {TAGLINE}"
    extra = '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="generator" content="SPIP 4.3.5">\n<link rel="stylesheet" href="squelettes/app.css?1700000000">\n'
    if page.piece is not None:
        extra += (
            f'<meta property="og:title" content="{escape(page.title)} | {NAME}">\n<meta property="og:description" content="{escape(around.teaser(page.piece, 120))}">\n'
            f'<meta property="article:modified_time" content="{around.updated(page).isoformat()}T09:40:00+00:00">\n'
        )
    return around.head(page, title, extra)


def _crumbs(page: Page) -> str:
    """Steps without separators; the page itself is not among them."""
    if page.kind in ("home", "error"):
        return ""
    steps = [("Accueil", page.base), *page.crumbs]
    items = "".join(
        f'<li class="px-2"><a class="text-gray-600" href="{escape(path)}">{escape(title)}</a></li>'
        if path
        else f'<li class="px-2">{escape(title)}</li>'
        for title, path in steps
    )
    return f'<ol class="flex text-sm">{items}</ol>'


def _content(page: Page) -> str:
    if page.kind == "article":
        return _article(page)
    if page.kind == "plan":
        return f'<h1 class="text-3xl font-bold">{escape(page.title)}</h1>{view.tree(page)}'
    if page.kind == "error":
        return '<h1 class="text-3xl font-bold">Page introuvable</h1><p>Cette page n’existe pas ou plus. Essayez depuis l’accueil.</p>'
    sections = "".join(
        f'<a class="rounded bg-gray-100 px-2 py-1 text-sm" href="{escape(s.path)}">{escape(s.title)}</a>'
        for s in page.sections or []
    )
    cards = "\n".join(_card(piece, view.TEASER) for piece in page.entries or [])
    pages = " ".join(
        f'<a class="px-2 py-1" href="{escape(address)}">{number}</a>' for number, address in view.pages(page)
    )
    return (
        f'<h1 class="text-3xl font-bold">{escape(page.title)}</h1>\n<div class="flex flex-wrap gap-2">{sections}</div>\n<div class="grid gap-4">\n{cards}\n</div>\n'
        f'<div class="flex my-4">{pages}</div>\n{_grid("Les plus lus", around.most_read(page, 4))}'
    )


def _card(piece: Piece, most: int) -> str:
    return (
        f'<div class="rounded border p-4"><a href="{escape(piece.path)}"><img class="w-full" src="local/cache-vignettes/L120xH80/une_{piece.number % 9}.png?1700000000" alt=""></a>'
        f'<h3 class="font-bold"><a href="{escape(piece.path)}">{escape(piece.title)}</a></h3><span class="text-sm text-gray-600">{view.entry_day(piece)}</span>'
        f'<p class="text-sm">{around.teaser(piece, most)}</p></div>'
    )


def _grid(title: str, pieces: list[Piece]) -> str:
    cards = "\n".join(_card(piece, 140) for piece in pieces)
    return (
        f'<div class="my-6"><h2 class="text-xl font-bold">{title}</h2><div class="grid gap-4">\n{cards}\n</div></div>'
    )


def _article(page: Page) -> str:
    piece = page.piece
    assert piece is not None
    section = page.world.sections[piece.section]
    byline = (
        f'<span class="font-bold">Par {escape(piece.author)}</span> <span>·</span> '
        if piece.author and piece.sources
        else ""
    )
    update = (
        f" <span>·</span> <span>Mis à jour le {french_day(around.updated(page))} à 09h40</span>"
        if piece.number % 5 == 0
        else ""
    )
    lead = f'<p class="text-xl my-4">{view.inline(piece.lead)}</p>\n' if piece.lead else ""
    pill = (
        f'<div class="flex items-center gap-2 my-4"><span class="text-sm text-gray-600">Sujets</span><a class="rounded bg-gray-100 px-2 py-1 text-sm" '
        f'href="{escape(page.world.keyword_path(piece.tag))}">{escape(piece.tag)}</a></div>\n'
        if piece.tag
        else ""
    )
    return (
        f'<div class="my-4"><a class="rounded bg-blue-50 px-2 py-1 text-sm" href="{escape(section.path)}">{escape(section.title)}</a>\n'
        f'<h1 class="text-3xl font-bold">{escape(piece.title)}</h1>\n{lead}'
        f'<div class="text-sm text-gray-600">{byline}<span>Publié le {french_day(piece.day)} à {around.time(piece)}</span>{update} <span>·</span> <span>{around.minutes(piece)} min de lecture</span></div></div>\n'
        f'{_SHARE}\n<div class="prose my-4">\n{_pictures(piece)}{_text(page, piece)}\n</div>\n{_after(piece)}{pill}{_SHARE}\n'
        f"{_comments(page)}\n{_grid('Sur le même thème', around.others(page, 'theme', 3))}\n{_grid('Les plus lus', around.most_read(page, 4))}"
    )


def _text(page: Page, piece: Piece) -> str:
    """The text's blocks with what such sites put between them, then the attribution."""
    blocks = [view.body(replace(piece, blocks=[block])) for block in piece.blocks]
    also = around.others(page, "also", 1)
    if len(blocks) > 3:
        blocks.insert(3, _LETTER)
    if len(blocks) > 2:
        blocks.insert(2, _ADVERT)
    if len(blocks) > 1 and also:
        blocks.insert(
            1,
            f'<div class="my-6 rounded border p-4"><p class="text-sm text-gray-600">À lire aussi</p><p class="font-bold"><a href="{escape(also[0].path)}">{escape(also[0].title)}</a></p>'
            f'<p class="text-sm">{around.teaser(also[0], view.TEASER)}</p></div>',
        )
    blocks.append(view.attribution(replace(piece, author=None)))
    return "\n".join(block for block in blocks if block)


def _pictures(piece: Piece) -> str:
    """A picture opens the text, its caption beneath."""
    return "".join(
        f'<figure class="my-4"><a href="{escape(str(image["url"]))}"><img class="w-full rounded" src="{escape(str(image["url"]).replace("IMG/png/", "local/cache-vignettes/L120xH80/"))}?1700000000" alt=""></a>'
        f'<figcaption class="text-sm text-gray-600">{escape(str(image["title"]))}</figcaption></figure>\n'
        for image in piece.images
    )


def _after(piece: Piece) -> str:
    """Documents, link, post-scriptum and notes, each in a box like the others."""
    parts = [
        f'<div class="my-4 rounded border p-4"><span class="text-sm text-gray-600">À télécharger</span> <a class="font-bold" href="{escape(str(document["url"]))}" type="application/pdf">{escape(str(document["title"]))}</a> '
        '<span class="text-sm">PDF · 12 ko</span></div>\n'
        for document in piece.documents
    ]
    if piece.kind == "breve":
        parts.append(
            '<p class="my-4"><a class="rounded px-2 py-1" href="http://ailleurs.example/suite">Lire la suite</a></p>\n'
        )
    if piece.link:
        parts.append(f'<p class="my-4">Voir en ligne : <a href="{escape(piece.link)}">{escape(piece.link)}</a></p>\n')
    if piece.ps:
        parts.append(
            f'<div class="my-4 text-sm"><p class="font-bold">Post-scriptum</p><p>{view.inline(piece.ps)}</p></div>\n'
        )
    if piece.notes:
        notes = "".join(
            f'<li id="nb{n}"><a href="#nh{n}" title="Retour au texte">{n}</a> {view.inline(note)}</li>'
            for n, note in enumerate(piece.notes, 1)
        )
        parts.append(
            f'<div class="my-4 text-sm"><p class="font-bold">Notes de bas de page</p><ol class="list-none">{notes}</ol></div>\n'
        )
    return "".join(parts)


def _comments(page: Page) -> str:
    found = around.comments(page)
    count = f"{len(found)} commentaires" if len(found) > 1 else "1 commentaire" if found else "Aucun commentaire"
    drawn = "\n".join(
        f'<div class="my-4 border-b"><p class="text-sm"><span class="font-bold">{escape(name)}</span> <span class="text-gray-600">le {french_day(day)} à {hour}</span></p>'
        + "".join(f"<p>{escape(text, quote=False)}</p>" for text in texts)
        + '<a class="text-sm" href="#" rel="nofollow">Répondre</a></div>'
        for name, day, hour, texts in found
    )
    return (
        f'<div class="my-6"><h2 class="text-xl font-bold">{count}</h2>\n{drawn}\n<p class="text-sm text-gray-600">Participez à la discussion : votre adresse ne sera pas publiée.</p>'
        '<form action="spip.php?page=contact" method="post"><textarea class="rounded border p-4" name="texte"></textarea><button class="rounded px-2 py-1">Envoyer</button></form></div>'
    )


def _bottom(page: Page) -> str:
    words = " ".join(
        f'<a class="px-2 py-1 text-sm" href="{escape(page.world.keyword_path(name))}">{escape(name)}</a>'
        for name in page.world.keywords()
    )
    return (
        f'<div class="bg-gray-900 text-white p-4"><div class="container mx-auto"><p class="font-bold">Tous nos sujets</p><div class="flex flex-wrap">{words}</div>\n'
        f'{_LEGAL}\n<p class="text-sm"><a href="spip.php?page=plan">Plan du site</a> | {view.traps(page)}</p><p class="text-sm">© {page.world.today.year} {NAME}. Tous droits réservés.</p></div></div>'
    )


LAYOUT = Layout("magazine", draw)
