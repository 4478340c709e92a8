"""The looks of the embedded site: each shows all that was planted, whatever its markup."""

from __future__ import annotations

import re
from html import unescape

import pytest
from parsel import Selector

from osiris_crawler.demo.layouts import LAYOUTS, around
from osiris_crawler.demo.layouts.view import Page
from osiris_crawler.demo.pages import Site
from osiris_crawler.demo.pieces import Piece
from osiris_crawler.demo.world import World

BASE = "http://127.0.0.1:9/"
PRESS = ["magazine", "tables1999", "regional"]


@pytest.fixture(scope="module")
def world() -> World:
    return World(130)


def page(world: World, layout: str, path: str) -> str:
    return Site(world, layout, BASE).answer("/" + path).body.decode()


def view_of(world: World, piece: Piece) -> Page:
    return Page(world, BASE, piece.title, piece.path, [], "article", piece=piece)


def seen(markup: str) -> str:
    """Letters and digits that a browser shows, in order."""
    return letters(unescape(re.sub(r"<[^>]+>", "", markup)))


def letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "path", ["", "spip.php?page=plan", "-Articles-de-presse-.html", "+-Editorial-+.html", "nothing-here.html"]
)
def test_every_kind_of_page_is_drawn(world: World, layout: str, path: str) -> None:
    answer = Site(world, layout, BASE).answer("/" + path)
    assert answer.status == (404 if path.startswith("nothing") else 200)
    tree = Selector(answer.body.decode())
    assert tree.xpath("//title/text()").get()
    assert len(tree.xpath("//a/@href").getall()) > 10


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_article_shows_what_was_planted(world: World, layout: str) -> None:
    pages = 0
    for truth in world.truth(layout):
        shown = seen(page(world, layout, truth["url"]))
        texts = [truth["title"], truth["date_text"], truth["lead"], truth["ps"], truth["link"], *truth["authors"]]
        texts += [*truth["body"].split("\n\n"), *truth["notes"], *(source["text"] for source in truth["sources"])]
        texts += [str(file["title"]) for file in truth["images"] + truth["documents"]]
        if layout in ("magazine", "regional", "current", "stock", "opaque"):
            texts += truth["tags"]
        assert [text for text in texts if text and letters(text) not in shown] == []
        pages += 1
    assert pages == len(world.pieces)


@pytest.mark.parametrize("layout", PRESS)
def test_a_listing_leads_to_each_of_its_articles(world: World, layout: str) -> None:
    for name, pieces in world.keywords().items():
        links = Selector(page(world, layout, world.keyword_path(name))).xpath("//a/@href").getall()
        assert [piece.path for piece in pieces[:10] if piece.path not in links] == []


@pytest.mark.parametrize("layout", PRESS)
def test_the_same_world_gives_the_same_bytes(world: World, layout: str) -> None:
    again = World(130)
    for piece in world.published()[::9]:
        assert page(world, layout, piece.path) == page(again, layout, piece.path)


def test_teasers_and_comments_differ_from_page_to_page(world: World) -> None:
    pieces = [piece for piece in world.published() if piece.kind == "article"]
    also = {around.others(view_of(world, piece), "also", 1)[0].number for piece in pieces}
    assert len(also) > len(pieces) // 3
    remarks = [text for piece in pieces for *_who, texts in around.comments(view_of(world, piece)) for text in texts]
    assert len(remarks) > 100
    assert len(set(remarks)) > len(remarks) * 0.9


def test_no_teaser_beside_an_article_says_what_it_says_itself(world: World) -> None:
    for piece in world.published():
        drawn = view_of(world, piece)
        root = piece.duplicate_of or piece.number
        for other in [*around.others(drawn, "also", 1), *around.others(drawn, "theme", 3), *around.siblings(drawn, 3)]:
            assert (other.duplicate_of or other.number) != root


@pytest.mark.parametrize("layout", PRESS)
def test_an_emptied_cache_changes_what_stands_around(layout: str) -> None:
    world = World(60)
    path = world.published()[8].path
    before = page(world, layout, path)
    world.purge()
    assert page(world, layout, path) != before


def test_the_box_stands_between_the_first_two_paragraphs(world: World) -> None:
    piece = next(p for p in world.published() if p.kind == "article" and p.sources and not p.notes)
    first, second, *_rest = [letters(block[1]) for block in piece.blocks]
    shown = seen(page(world, "magazine", piece.path))
    between = shown[shown.index(first) + len(first) : shown.index(second)]
    assert between.startswith(letters("À lire aussi"))


def test_the_old_tables_are_ascii_without_names(world: World) -> None:
    markup = page(world, "tables1999", world.published()[3].path)
    assert markup.isascii()
    assert "&#146;" in markup
    assert re.search(r"(?i)\s(class|id)=|</p>|</td>|canonical", markup) is None
    assert re.search(r"<[a-z]", markup) is None


def test_columns_with_full_dates_come_before_the_article(world: World) -> None:
    piece = world.published()[40]
    for layout, sign in (("tables1999", "Dernières nouvelles"), ("regional", "Agenda")):
        shown = seen(page(world, layout, piece.path).partition("<BODY" if layout == "tables1999" else "<body")[2])
        assert shown.index(letters(sign)) < shown.index(letters(piece.title))
