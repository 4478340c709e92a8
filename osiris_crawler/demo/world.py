"""What the embedded site holds: sections, keywords and articles, made from a seed; and a clock that can be moved on."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from osiris_crawler.demo import words
from osiris_crawler.demo.pieces import MONTHS, Piece, Section, french_day, slugify

TODAY = date(2025, 6, 30)
NEW_SLUGS = date(2022, 1, 1)  # articles from here on got lower-case slugs
PER_PAGE = 10
_NBSP = "\u00a0"


class World:
    """A small OSIRIS of `articles` articles. The same arguments make the same world, to the byte."""

    def __init__(self, articles: int = 300, seed: int = 1, today: date = TODAY) -> None:
        self.today = today
        self.purges = 0  # how often the cache was emptied: chrome differs, articles don't
        self._chance = random.Random(f"{seed}/{articles}")
        self.sections: dict[int, Section] = {}
        self.pieces: dict[int, Piece] = {}
        self._paths: set[str] = set()
        self._next = 1
        self._months: dict[tuple[int, int], int] = {}
        self._years: dict[int, int] = {}
        self._last_editorial: Piece | None = None
        self._plant_sections()
        self._plant(articles)

    # -- sections -----------------------------------------------------------------------------------------------------

    def _section(self, title: str, parent: int | None) -> int:
        id = len(self.sections) + 1
        slug = slugify(title, 60)
        path = f"-{slug}-.html"
        if path in self._paths:
            path = f"-{slug}-{id}-.html"
        self._paths.add(path)
        self.sections[id] = Section(id, title, parent, path)
        return id

    def _plant_sections(self) -> None:
        new = self._section
        self.osiris = new("OSIRIS", None)
        self.resources = new("Ressources", None)
        self.topics = [
            new(title, self.resources) for title in ("Société de l’Information", "Politique nationale", "Points de vue")
        ]
        self.press = new("Articles de presse", None)
        self.archive = new(f"Archives 1999-{self.today.year - 1}", self.press)
        self.figures = new("Chiffres clés", None)
        self.offers = new("Opportunités", None)
        self.projects = new("Projets", self.offers)
        self.batik = new("Batik", None)
        self.editorials = new("Archives des éditoriaux", self.batik)
        self.issues = new("Archives de Batik (HTML)", self.batik)

    def _month(self, day: date) -> int:
        known = self._months.get((day.year, day.month))
        if known is None:
            if day.year not in self._years and day.year != self.today.year:
                self._years[day.year] = self._section(f"Année {day.year}", self.archive)
            parent = self.press if day.year == self.today.year else self._years[day.year]
            name = MONTHS[day.month - 1]
            title = name if 2003 <= day.year <= 2012 else f"{name} {day.year}"
            known = self._months[day.year, day.month] = self._section(title, parent)
        return known

    def _year_of(self, root: int, day: date) -> int:
        for section in self.sections.values():
            if section.parent == root and section.title == f"Année {day.year}":
                return section.id
        return self._section(f"Année {day.year}", root)

    def path_of(self, section: int | None) -> list[Section]:
        """A section with those above it, from the root down."""
        found: list[Section] = []
        while section is not None:
            found.append(self.sections[section])
            section = self.sections[section].parent
        return found[::-1]

    # -- articles -----------------------------------------------------------------------------------------------------

    def _plant(self, count: int) -> None:
        chance = self._chance
        self._institutional()
        left = max(count - len(self.pieces), 1)
        start = date(1999, 1, 4)
        span = (self.today - start).days
        for n in range(left):
            day = start + timedelta(days=n * span // left)
            turn = n % 24
            if turn == 5:
                self._breve(day)
            elif turn == 9:
                self._editorial(day)
            elif turn == 10 and self._last_editorial is not None:
                self._issue(day)
            elif turn == 14:
                piece = self._article(day, self.topics[n % 3], tag="Point de vue" if n % 3 == 2 else None)
                piece.sources = []
            elif turn == 19 and n > 60:
                self._reprint(
                    day,
                    chance.choice(
                        [p for p in self.pieces.values() if p.kind == "article" and p.sources and p.lead is None]
                    ),
                )
            else:
                self._article(day, self._month(day))

    def _institutional(self) -> None:
        day = date(1998, 9, 1)
        for title, section in (("Objectifs", self.osiris), ("Partenaires", self.osiris)):
            piece = self._piece("page", title, day, section)
            piece.blocks = [("p", self._sentence()), ("list", [f"– {self._sentence()}" for _n in range(3)])]
        for title in ("Le Sénégal numérique", "Principaux tarifs"):
            piece = self._piece("page", title, day, self.figures)
            piece.blocks = [("p", self._sentence()), self._table(), ("p", self._sentence())]
        law = self._piece(
            "article",
            "Convention de concession relative à l’exploitation de réseaux",
            date(1997, 7, 19),
            self.topics[1],
        )
        law.blocks = [
            ("h" if n % 6 == 0 else "p", f"Article {n + 1}" if n % 6 == 0 else self._sentence()) for n in range(60)
        ]
        offer = self._piece("article", "Appel à projets pour les communes rurales", date(2024, 2, 29), self.projects)
        offer.blocks = [("p", self._sentence())]

    def _piece(self, kind: str, title: str, day: date, section: int) -> Piece:
        number, self._next = self._next, self._next + 1
        path, old = self._address(title, number, day, kind)
        piece = Piece(number, kind, title, day, section, path, old_path=old)
        self.pieces[number] = piece
        return piece

    def _address(self, title: str, number: int, day: date, kind: str) -> tuple[str, str | None]:
        """(canonical path, old path that redirects to it)"""
        old, new = slugify(title, 35), slugify(title, 80).lower()
        left, right = ("+", "+") if kind == "breve" else ("", "")

        def free(slug: str, sign: str) -> str:
            path = f"{left}{slug}{right}.html"
            if path in self._paths or kind == "breve" or slug.isdecimal():
                path = f"{left}{slug}{sign}{number}{right}.html"
            self._paths.add(path)
            return path

        if day >= NEW_SLUGS:
            return free(new, "-"), None
        first = free(old, ",")
        return (free(new, "-"), first) if number % 5 == 0 and kind != "breve" else (first, None)

    def _title(self) -> str:
        chance = self._chance
        body, thing, place = chance.choice(words.BODIES), chance.choice(words.THINGS), chance.choice(words.PLACES)
        form = chance.randint(0, 7)
        capital = body[0].upper() + body[1:]
        titles = (
            f"{place}{_NBSP}: {body} {chance.choice(words.VERBS)} {thing}",
            f"{capital} {chance.choice(words.VERBS)} {thing} à {place}",
            f"Pourquoi {body} {chance.choice(words.VERBS)} {thing}{_NBSP}?",
            f"«{_NBSP}{thing[0].upper() + thing[1:]} est une chance pour {place}{_NBSP}», selon {body}",
            f"{chance.randint(2, 90)} milliards pour {thing} à {place}",
            f"{place} se prépare… lentement…",
            f"{capital} et {thing}{_NBSP}: bilan {chance.randint(1999, 2024)}",
            f"{capital} {chance.choice(words.VERBS)} {thing}{_NBSP}: les habitants de {place}, de {chance.choice(words.PLACES)} et de "
            f"{chance.choice(words.PLACES)} demandent des explications au sujet des retards pris depuis le début des travaux",
        )
        return titles[form]

    def _article(self, day: date, section: int, tag: str | None = None) -> Piece:
        chance = self._chance
        piece = self._piece("article", self._title(), day, section)
        n = piece.number
        piece.tag = tag or (chance.choice(words.KEYWORDS) if chance.random() < 0.85 else None)
        if n % 17 == 0:
            piece.language = "en"
            piece.blocks = [("p", self._sentence(words.ENGLISH)) for _n in range(4)]
        else:
            piece.lead = self._sentence() if n % 4 == 1 else None
            piece.blocks = [("p", self._sentence() + " " + self._sentence()) for _n in range(chance.randint(2, 5))]
            self._ornaments(piece)
            piece.blocks.append(("p", chance.choice(words.CLOSINGS) + " " + self._sentence()))
        if n % 3 == 0:
            piece.author = chance.choice(words.PEOPLE)
        self._attribute(piece)
        return piece

    def _ornaments(self, piece: Piece) -> None:
        n, blocks = piece.number, piece.blocks
        if n % 5 == 0:
            blocks.insert(1, ("h", self._chance.choice(words.HEADINGS)))
        if n % 7 == 0:
            blocks.append(("list", [self._sentence() for _n in range(3)]))
        if n % 11 == 0:
            blocks.append(self._table())
        if n % 6 == 0:
            blocks.append(("p", self._sentence() + "\n" + self._sentence()))
        if n % 8 == 0:
            blocks.append(("quote", self._sentence()))
        if n % 9 == 0:
            piece.notes = [self._sentence() for _n in range(1 + n % 2)]
            text = blocks[0][1]
            blocks[0] = ("p", text + "".join(f"{_NBSP}[{i + 1}]" for i in range(len(piece.notes))))
        if n % 13 == 0:
            piece.ps = self._sentence()
        if n % 19 == 0:
            piece.link = f"http://ailleurs.example/page/{n}"
        if n % 10 == 3:
            piece.images = [
                {
                    "url": f"IMG/png/photo_{n}.png",
                    "title": f"Vue de {self._chance.choice(words.PLACES)}",
                    "type": "image/png",
                }
            ]
        if n % 14 == 4:
            piece.documents = [
                {"url": f"IMG/pdf/rapport_{n}.pdf", "title": f"Rapport numéro {n}", "type": "application/pdf"}
            ]

    def _attribute(self, piece: Piece) -> None:
        """One of the forms that attributions take (SITE, section 4); some articles have none."""
        name, url = words.OUTLETS[piece.number % len(words.OUTLETS)]
        day = french_day(piece.day, weekday=False)
        form = piece.number % 13
        iso: str | None = piece.day.isoformat()
        texts = {
            0: f"(Source{_NBSP}: {name}, {day})", 1: f"(Source{_NBSP}: {name}, {day})", 2: f"(Source :{name}, {day})",
            3: f"(Source{_NBSP}: {name} {day})", 4: f"(Source{_NBSP}: {name}, {day})", 5: f"(Source: {name}, {day})",
            6: f"Source{_NBSP}: {name}, {day}", 7: f"(Source{_NBSP}: {name}, {french_day(piece.day)})",
            8: f"(Source{_NBSP}: {name}, {MONTHS[piece.day.month - 1].lower()} {piece.day.year})",
            9: f"(Source{_NBSP}: {name}, {piece.day:%d/%m/%Y})", 10: f"(Source{_NBSP}: {name}, {day}",
            11: f"(Source{_NBSP}: http://www.journal{piece.number}.example/, {day})",
        }  # fmt: skip
        if form == 12:
            return
        if form == 8:
            iso = piece.day.isoformat()[:7]
        if form == 11:
            address = f"http://www.journal{piece.number}.example/"
            piece.sources = [{"text": texts[11], "name": None, "url": address, "date": iso}]
            return
        piece.sources = [{"text": texts[form], "name": name, "url": url, "date": iso}]

    def _breve(self, day: date) -> Piece:
        piece = self._piece("breve", self._title(), day, self.press)
        piece.blocks = [("p", self._sentence())]
        return piece

    def _editorial(self, day: date) -> Piece:
        piece = self._piece("article", f"Éditorial{_NBSP}: {self._title()}", day, self._year_of(self.editorials, day))
        piece.tag = "Editorial"
        piece.blocks = [("p", self._sentence() + " " + self._sentence()) for _n in range(4)]
        self._last_editorial = piece
        return piece

    def _issue(self, day: date) -> Piece:
        editorial = self._last_editorial
        assert editorial is not None
        title = f"Batik N° {day.year * 12 + day.month - 23980} {MONTHS[day.month - 1]} {day.year}"
        piece = self._piece("issue", title, day, self._year_of(self.issues, day))
        piece.blocks = [
            ("h", "Éditorial"),
            *editorial.blocks,
            ("h", "Actualités"),
            *(("p", self._sentence() + " " + self._sentence()) for _n in range(8)),
        ]
        return piece

    def _reprint(self, day: date, first: Piece) -> Piece:
        piece = self._piece("article", f"{self._title()} (reprise)", day, self._month(day))
        piece.lead, piece.blocks, piece.language = None, list(first.blocks), first.language
        piece.tag = first.tag
        piece.notes = list(first.notes)
        self._attribute(piece)
        piece.duplicate_of = first.duplicate_of or first.number
        return piece

    # -- the clock ----------------------------------------------------------------------------------------------------

    def add(self, count: int = 1, day: date | None = None) -> list[int]:
        """Publish articles; gives their numbers."""
        return [self._article(day or self.today, self._month(day or self.today)).number for _n in range(count)]

    def edit(self, number: int) -> None:
        """Correct an article: one sentence is added before its attribution."""
        self.pieces[number].blocks.append(("p", f"Correctif{_NBSP}: {self._sentence()}"))

    def withdraw(self, number: int) -> None:
        self.pieces[number].withdrawn = True

    def restore(self, number: int) -> None:
        self.pieces[number].withdrawn = False

    def purge(self) -> None:
        """Empty the site's cache: the news feed and the figures beside the articles change."""
        self.purges += 1

    def turn_year(self) -> None:
        """New year: the months that hung under the press section move under a year of the archive, whose label changes."""
        old = self.today.year
        self.today = date(old + 1, 1, 2)
        self.sections[self.archive].title = f"Archives 1999-{old}"
        self._years[old] = self._section(f"Année {old}", self.archive)
        for (year, _month), section in self._months.items():
            if year == old:
                self.sections[section].parent = self._years[old]

    # -- what it says of itself ---------------------------------------------------------------------------------------

    def published(self) -> list[Piece]:
        """Articles online, newest first."""
        return sorted(
            (p for p in self.pieces.values() if not p.withdrawn), key=lambda p: (p.day, p.number), reverse=True
        )

    def keywords(self) -> dict[str, list[Piece]]:
        """Keyword → its articles, newest first."""
        found: dict[str, list[Piece]] = {}
        for piece in self.published():
            if piece.tag:
                found.setdefault(piece.tag, []).append(piece)
        return dict(sorted(found.items()))

    def keyword_path(self, name: str) -> str:
        return f"+-{slugify(name, 60)}-+.html"

    def truth(self, layout: str = "current") -> Iterator[dict[str, Any]]:
        """What was planted, as far as a layout shows it, with addresses relative to the home page."""
        first: dict[int, Piece] = {}
        for piece in sorted(self.pieces.values(), key=lambda p: (p.day, p.number)):
            first.setdefault(piece.duplicate_of or piece.number, piece)
        for piece in self.published():
            # Meaningless markup does not say what is a list: its items are paragraphs of the text.
            body, lead = piece.body(lists=layout != "opaque"), piece.lead
            date_text = french_day(piece.day, weekday=layout != "regional")
            root = first[piece.duplicate_of or piece.number]
            yield {
                "number": piece.number, "url": piece.path, "title": piece.title, "date": piece.day.isoformat(),
                "date_text": date_text, "section": [s.title for s in self.path_of(piece.section)],
                "tags": [piece.tag] if piece.tag else [], "authors": [piece.author] if piece.author and piece.sources else [],
                "lead": lead, "body": body, "ps": piece.ps, "notes": piece.notes, "sources": piece.sources, "link": piece.link,
                "images": piece.images, "documents": piece.documents, "language": piece.language, "kind": piece.kind,
                "duplicate_of": None if root is piece else root.path,
            }  # fmt: skip

    def _sentence(self, pool: tuple[str, ...] = words.OPENINGS) -> str:
        chance = self._chance
        text = chance.choice(pool).format(
            place=chance.choice(words.PLACES),
            body=chance.choice(words.BODIES),
            thing=chance.choice(words.THINGS),
            n=chance.randint(3, 980),
        )
        text = text[0].upper() + text[1:]
        return re.sub(r" ([;:!?»])", _NBSP + r"\1", text).replace("« ", "«" + _NBSP)

    def _table(self) -> tuple[Any, ...]:
        rows = [["Année", "Abonnés", "Taux"]] + [
            [str(year), f"{self._chance.randint(10, 900)} 000", f"{self._chance.randint(1, 99)} %"]
            for year in range(2001, 2005)
        ]
        return ("table", "Évolution du parc", rows)
