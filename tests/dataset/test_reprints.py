"""Reprints: one text under other typography and with an editor's changes, and what only looks like it."""

from __future__ import annotations

import random

import pytest

from osiris_crawler.dataset.likeness import Text
from osiris_crawler.dataset.reprints import Entry, roots
from osiris_crawler.demo.world import World
from osiris_crawler.ledger.intake import body_digest

_WORDS = (
    "réseau opérateur ministère téléphone village école fibre tarif abonné région marché licence débit antenne "
    "commission usager facture service données rural projet accès antenne directeur conseil journal atelier"
).split()


def text_of(seed: int, sentences: int = 14) -> str:
    """Running text of its own for each seed, in paragraphs."""
    chance = random.Random(seed)

    def sentence() -> str:
        words = [chance.choice(_WORDS) for _n in range(chance.randint(9, 16))]
        return " ".join(words).capitalize() + f" d’après « {chance.choice(_WORDS)} »."

    return "\n\n".join(" ".join(sentence() for _n in range(2)) for _n in range(sentences // 2))


def found(*bodies: str) -> dict[str, str]:
    entries = [
        Entry(str(n), bytes([n]) * 32, bytes.fromhex(body_digest(body) or "")[:16]) for n, body in enumerate(bodies)
    ]
    return roots(entries, lambda place: Text(None, bodies[place]))


def typed_otherwise(text: str) -> str:
    return text.replace("« ", '"').replace(" »", '"').replace("’", "'").replace("\u00a0", " ")


def corrected(text: str) -> str:
    return "De notre correspondant.\n\n" + text.replace("réseau", "reseau", 1)


def shortened(text: str) -> str:
    return "\n\n".join(text.split("\n\n")[:-1])


@pytest.mark.parametrize("edit", [typed_otherwise, corrected, shortened])
def test_the_same_text_under_an_editors_hand_points_to_the_first(edit: object) -> None:
    assert callable(edit)
    first, other = text_of(1), text_of(2)
    assert found(first, other, edit(first)) == {"2": "0"}


def test_a_template_with_other_figures_is_another_article() -> None:
    form = "Les tarifs du mois sont de {} francs l’heure à Dakar et de {} francs à Thiès, soit {} de moins. " * 6
    numbers = iter(range(100, 200))
    january = form.format(*(next(numbers) for _n in range(18)))
    february = form.format(*(next(numbers) for _n in range(18)))
    assert found(january, february) == {}


def test_a_part_of_a_longer_text_is_no_reprint() -> None:
    editorial = text_of(3)
    assert found(editorial, "\n\n".join([editorial, *(text_of(seed) for seed in range(4, 8))])) == {}


def test_a_chain_does_not_drift() -> None:
    """B keeps most of A, C most of B; C is A's reprint only if it keeps most of A."""
    paragraphs = text_of(9, 40).split("\n\n")
    a, b, c = (paragraphs[n : n + 12] for n in (0, 2, 6))
    assert "2" not in found(*("\n\n".join(text) for text in (a, b, c)))


def test_every_planted_reprint_of_the_embedded_site_and_nothing_else() -> None:
    world = World(articles=600)
    pieces = sorted((p for p in world.pieces.values()), key=lambda p: (p.day.isoformat(), p.path))
    planted = {p.path: t["duplicate_of"] for p, t in ((world.pieces[t["number"]], t) for t in world.truth())}
    names = [p.path for p in pieces]
    entries = [
        Entry(p.path, n.to_bytes(32, "big"), bytes.fromhex(body_digest(p.body()) or "")[:16])
        for n, p in enumerate(pieces)
    ]
    result = roots(entries, lambda place: Text(pieces[place].lead, pieces[place].body(), pieces[place].kind))
    expected = {path: root for path, root in planted.items() if root}
    assert len(expected) > 15 and set(result) <= set(names)
    assert set(result) == set(expected)
