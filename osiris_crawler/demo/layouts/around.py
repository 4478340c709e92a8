"""What stands around an article on sites of the press: other articles' teasers, readers' comments, counters, an agenda.

All of it is drawn by lot from the page's own number, so that it differs from page to page and the same world gives the
same bytes. Texts are invented.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from html import escape

from osiris_crawler.demo import words
from osiris_crawler.demo.layouts.view import Page, menu
from osiris_crawler.demo.pieces import Piece, french_day, slugify

READERS = ("Modou", "Aïda F.", "un lecteur de Rufisque", "Ibou Sow", "Khady", "N’Deye Coumba", "El Hadj", "Mariama D.", "Pape Latyr", "Un usager déçu")  # fmt: skip
REMARKS = (
    "Je travaille dans ce domaine depuis {n} ans et je peux vous dire que {thing} n’a jamais été une priorité à {place}.",
    "Merci pour ces précisions. Chez nous, à {place}, nous attendons toujours que {body} réponde à notre courrier.",
    "Il ne faut pas tout mettre sur le dos des autorités : nous étions {n} à la réunion et personne n’a posé la question.",
    "Pourquoi ne pas avoir donné la parole aux habitants de {place} ? Ils paient {thing} {n} francs par mois.",
    "Bravo à toute l’équipe, continuez ainsi, vous êtes les seuls à parler de {thing} avec sérieux.",
    "J’ai une autre version des faits, mais {body} ne voudra pas l’entendre ; mon cousin de {place} y était.",
    "Quelqu’un peut-il m’indiquer à qui m’adresser ? J’ai appelé {n} fois et l’on me renvoie toujours vers {body}.",
    "Tout cela est bien beau sur le papier, seulement {thing} coûte cher et le courant est coupé {n} jours sur trente.",
)
EVENTS = ("Assemblée générale", "Café débat", "Atelier de prise en main", "Journée portes ouvertes", "Permanence des bénévoles", "Projection suivie d’une discussion")  # fmt: skip


def lot(page: Page, what: str) -> random.Random:
    """The lot that decides one thing of one page."""
    return random.Random(f"{what}/{page.piece.number if page.piece else page.self_path}")


def others(page: Page, what: str, count: int) -> list[Piece]:
    """Other articles that say something else, drawn for this page; those with the same keyword first for `theme`."""
    own = page.piece
    pool = [p for p in page.world.published() if own is None or _root(p) != _root(own)]
    if what == "theme" and own is not None:
        near = [p for p in pool if p.tag == own.tag] if own.tag else [p for p in pool if p.section == own.section]
        pool = near if len(near) >= count else pool
    return lot(page, what).sample(pool, min(count, len(pool)))


def _root(piece: Piece) -> int:
    return piece.duplicate_of or piece.number


def most_read(page: Page, count: int) -> list[Piece]:
    """The same articles on every page until the cache is emptied."""
    pool = page.world.published()
    return random.Random(f"read/{page.world.purges}").sample(pool, min(count, len(pool)))


def neighbours(page: Page) -> tuple[Piece | None, Piece | None]:
    """The article before this one and the one after it, by date."""
    pool = page.world.published()
    at = next((n for n, p in enumerate(pool) if page.piece is not None and p.number == page.piece.number), None)
    if at is None:
        return None, None
    return pool[at + 1] if at + 1 < len(pool) else None, pool[at - 1] if at else None


def siblings(page: Page, count: int) -> list[Piece]:
    """Newest other articles of the same section, that say something else."""
    own = page.piece
    if own is None:
        return []
    return [p for p in page.world.published() if p.section == own.section and _root(p) != _root(own)][:count]


def teaser(piece: Piece, most: int) -> str:
    """The text's beginning on one line, cut at a word behind `most` letters at the latest; escaped."""
    text = piece.body().replace("\n", " ").replace("\t", " ")
    if len(text) > most:
        text = f"{text[:most].rsplit(' ', 1)[0]}{chr(160)}(…)"
    return escape(text, quote=False)


def comments(page: Page) -> list[tuple[str, date, str, list[str]]]:
    """(name, day, time, paragraphs) of readers' comments under an article: none to four."""
    assert page.piece is not None
    chance = lot(page, "comments")
    day, found = page.piece.day, []
    for _n in range(chance.randint(0, 4)):
        day += timedelta(days=chance.randint(0, 9))
        text = [
            " ".join(remark(chance) for _sentence in range(chance.randint(1, 3)))
            for _part in range(chance.randint(1, 3))
        ]
        if chance.random() < 0.2:  # a reader cites too
            text.append(
                f"À lire ailleurs (Source : {chance.choice(words.OUTLETS)[0]}, {french_day(day, weekday=False)})"
            )
        found.append((chance.choice(READERS), day, f"{chance.randint(7, 22)}h{chance.randint(0, 59):02d}", text))
    return found


def remark(chance: random.Random) -> str:
    return chance.choice(REMARKS).format(
        n=chance.randint(2, 99),
        thing=chance.choice(words.THINGS),
        body=chance.choice(words.BODIES),
        place=chance.choice(words.PLACES),
    )


def agenda(page: Page, count: int) -> list[tuple[date, str]]:
    """Days to come and what happens on them; they move on when the cache is emptied."""
    chance = random.Random(f"agenda/{page.world.purges}")
    days = sorted(page.world.today + timedelta(days=chance.randint(1, 90)) for _n in range(count))
    return [(day, f"{chance.choice(EVENTS)} à {chance.choice(words.PLACES)}") for day in days]


def reads(page: Page) -> int:
    """How often an article was read: another number at every look."""
    return lot(page, "reads").randint(3, 4000) + page.world.purges * 17


def minutes(piece: Piece) -> int:
    return 1 + len(piece.body().split()) // 200


def time(piece: Piece) -> str:
    """10h12"""
    return f"{8 + piece.number % 12}h{piece.number * 7 % 60:02d}"


def updated(page: Page) -> date:
    """When an article was last touched, as its page has it."""
    assert page.piece is not None
    return min(page.piece.day + timedelta(days=3), page.world.today)


def author_path(name: str) -> str:
    return f"_{slugify(name, 60)}_.html"


def top(page: Page) -> list[tuple[str, str]]:
    """(title, path) of what stands in a menu, Batik last."""
    batik = page.world.sections[page.world.batik]
    return [*menu(page), (batik.title, batik.path)]


def head(page: Page, title: str, extra: str) -> str:
    """A head with a look's own wording of the window title."""
    canonical = "" if page.kind == "error" else f'<link rel="canonical" href="{escape(page.base + page.self_path)}">\n'
    return (
        f'<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n{canonical}'
        '<link rel="alternate" type="application/rss+xml" title="RSS" href="spip.php?page=backend">\n'
        f"{extra}</head>\n"
    )
