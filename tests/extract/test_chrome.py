"""Learned chrome: what is told from pages alone, without a word or a name of the site."""

from __future__ import annotations

import json
import random

import pytest

from osiris_crawler.demo.layouts import LAYOUTS
from osiris_crawler.demo.pages import Site as Embedded
from osiris_crawler.demo.world import World
from osiris_crawler.extract.chrome import Chrome, from_json, learn
from osiris_crawler.extract.page import parts_of, read, reader_of, sketch_of
from osiris_crawler.site import profile

BASE = "http://127.0.0.1:9999/"
SITE = profile.for_url(BASE)
Page = tuple[str, int, str, bytes]


def pages(layout: str, articles: int = 90) -> list[tuple[Page, dict[str, object]]]:
    """Every article's page of a world, with what was planted."""
    world = World(articles=articles)
    site = Embedded(world, layout, BASE)
    found = []
    for truth in world.truth(layout):
        answer = site.answer("/" + truth["url"])
        found.append(((BASE + truth["url"], answer.status, answer.mime, answer.body), truth))
    assert len(found) >= articles
    return found


def model_of(layout: str, *, hints: bool = True, articles: int = 90) -> Chrome:
    found = pages(layout, articles)
    sketches = [sketch_of(url, mime, body, SITE, hints=hints) for (url, _status, mime, body), _truth in found]
    return learn(sketch for sketch in sketches if sketch is not None)


def letters(text: object) -> str:
    return "".join(filter(str.isalnum, str(text or "")))


_PLAIN = ("title", "date", "lead", "body", "ps", "notes")


@pytest.mark.parametrize("hints", [True, False])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_parts_are_told_apart_with_hints_and_without(layout: str, hints: bool) -> None:
    """No name of markup, no word that ends an article: the pages alone teach where the text lies, and on which side of
    it a lead, a post-scriptum and notes stand among teasers."""
    many = 300 if layout == "magazine" else 90  # its readers comment at more length than its brèves are long
    model = model_of(layout, hints=hints, articles=many)
    assert len(model.layouts) == 1
    wrong = []
    for page, truth in pages(layout, many):
        article = read(*page, SITE, model, hints=hints).article
        assert article is not None
        wrong += [(page[0], name) for name in _PLAIN if letters(getattr(article, name)) != letters(truth[name])]
        sources = truth["sources"]
        assert isinstance(sources, list)
        if {source.name for source in article.sources} != {source["name"] for source in sources}:
            wrong.append((page[0], "sources"))
    assert wrong == []


def test_a_model_of_an_earlier_reader_has_its_places_on_both_sides_of_the_text() -> None:
    model = model_of("stock").as_json()
    for layout in model["layouts"]:
        layout["places"] = ["body>div>p text"]
        del layout["leads"]
    (layout,) = from_json(model).layouts
    assert layout.places == {"before body>div>p text", "behind body>div>p text"} and layout.leads == 0


def test_the_model_does_not_depend_on_the_order_of_the_pages() -> None:
    sketches = [sketch_of(url, mime, body, SITE) for (url, _status, mime, body), _truth in pages("current")]
    known = [sketch for sketch in sketches if sketch is not None]
    model = learn(known)
    random.Random(7).shuffle(known)
    assert learn(known) == model
    assert learn([*known, *known[:40]]) == model  # captured twice


def test_a_model_comes_back_as_it_was_frozen() -> None:
    model = model_of("stock")
    again = from_json(json.loads(json.dumps(model.as_json())))
    assert again == model
    assert reader_of(again) == f"{reader_of(None)}+{model.name}"
    with pytest.raises(ValueError, match="no model"):
        from_json({"layouts": 3})


def test_layouts_are_told_apart_and_strangers_are_told() -> None:
    sketches = [
        sketch_of(url, mime, body, SITE)
        for layout in ("2012", "current", "opaque")
        for (url, _status, mime, body), _truth in pages(layout, 60)
    ]
    model = learn(sketch for sketch in sketches if sketch is not None)
    assert len(model.layouts) == 3
    seen = {
        layout: {read(*page, SITE, model).layout for page, _truth in pages(layout, 60)}
        for layout in ("2012", "current", "opaque", "stock")
    }
    assert seen["stock"] == {None}
    assert all(len(names) == 1 and None not in names for layout, names in seen.items() if layout != "stock")
    assert len(set.union(*seen.values())) == 4


def test_a_handful_of_pages_is_enough_and_fewer_teach_nothing() -> None:
    sketches = [sketch_of(url, mime, body, SITE) for (url, _status, mime, body), _truth in pages("regional")[:8]]
    known = [sketch for sketch in sketches if sketch is not None]
    assert learn(known[:3]).layouts == ()
    assert len(learn(known).layouts) == 1


def test_a_line_that_every_page_quotes_is_still_its_own_articles() -> None:
    """“Les plus lus” has the first lines of four articles on every page of this layout."""
    model = model_of("magazine")
    quoted = [line for line in model.layouts[0].lines if len(line) > 100]
    own = [
        page for page, truth in pages("magazine") if any(str(truth["body"]).startswith(line[:80]) for line in quoted)
    ]
    assert own
    for page in own:
        assert letters(read(*page, SITE, model).article.body)  # type: ignore[union-attr]


def test_a_lead_above_the_date_line_is_among_the_parts() -> None:
    """Whoever asks for the parts of the text, as the Markdown export does, gets what the reading has."""
    leads = [(page, truth["lead"]) for page, truth in pages("magazine") if truth["lead"]]
    assert len(leads) > 5
    for (url, _status, mime, body), lead in leads:
        found = parts_of(url, mime, body, SITE)
        assert found is not None and [block.plain for block in found[0].lead] == [lead]


def test_what_readers_write_below_is_no_text_whichever_pages_were_looked_at() -> None:
    """Comments are longer than many an article, and one of them quotes a source."""
    found = pages("magazine", 150)
    for seed in (1, 2, 3):
        chosen = random.Random(seed).sample(found, 60)
        sketches = [sketch_of(url, mime, body, SITE, hints=False) for (url, _status, mime, body), _truth in chosen]
        (layout,) = learn(sketch for sketch in sketches if sketch is not None).layouts
        assert len(layout.text) == 1 and all(path.endswith(".prose") for path in layout.text)


def test_a_title_that_every_page_lists_is_a_caption_on_its_own() -> None:
    """A small section: each page lists the others' titles, and an article may be nothing but a document with its title."""
    titles = [f"Rapport sur {thing}" for thing in ("le CDMA", "le Wimax", "la 5G", "l’ADSL", "la fibre", "le satellite")]
    listed = "".join(f'<li><a href="r{n}.html">{title}</a></li>' for n, title in enumerate(titles))

    def page(n: int) -> Page:
        text = "" if n in (2, 4) else f'<div class="t"><p>{titles[n]} : le texte numéro {n} dit ce que les autres ne disent pas, et encore.</p></div>'
        html = (
            f'<html><head><title>{titles[n]} - Site</title></head><body><div class="c"><h1>{titles[n]}</h1><p>jeudi {n + 1} mars 2011</p>{text}'
            f'<div class="d"><figure><a href="IMG/pdf/r{n}.pdf" type="application/pdf"><img src="pdf.svg" alt=""></a>'
            f"<figcaption><strong>{titles[n]}</strong></figcaption></figure></div></div>"
            f'<div class="m"><h2>Dans la même rubrique</h2><ul>{listed}</ul></div></body></html>'
        )
        return f"{BASE}r{n}.html", 200, "text/html; charset=utf-8", html.encode()

    made = [page(n) for n in range(6)]
    model = learn(sketch for url, _s, mime, body in made if (sketch := sketch_of(url, mime, body, SITE)) is not None)
    assert model.layouts and any(line.startswith("Rapport") for line in model.layouts[0].lines)
    for one in made:
        article = read(*one, SITE, model).article
        assert article is not None
        assert [document.url for document in article.documents] == [one[0].replace("/r", "/IMG/pdf/r").replace(".html", ".pdf")]
