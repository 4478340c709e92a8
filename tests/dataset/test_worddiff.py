"""Two versions of a text told as one: French typography is no change, moved is not gone and new, and it always ends."""

from __future__ import annotations

import random
from itertools import chain

import pytest

from osiris_crawler.care.history import _text
from osiris_crawler.commands.telling import lines
from osiris_crawler.dataset.typography import WORD
from osiris_crawler.dataset.worddiff import Diff, compare

NB, NNB, SHY = "\u00a0", "\u202f", "\u00ad"


def told(old: str, new: str) -> Diff:
    """The comparison, which must hold both texts to the last letter."""
    diff = compare(old, new)
    assert "".join(one[1] for one in diff.told if one[0] in "=-<~") == old
    assert "".join(one[-1] for one in diff.told if one[0] in "=+>~") == new
    return diff


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Quoi ? Rien !", f"Quoi{NB}? Rien{NNB}!"), ("Quoi? Rien!", "Quoi ? Rien !"), ("20 % : voilà", f"20{NNB}%{NB}: voilà"),
        ("3 000 F", f"3{NNB}000{NB}F"), ("3000 F", f"3{NB}000 F"), ("12 000-15 000 F", "12000–15000 F"), ("20h30", f"20{NB}h 30"),
        ("le 1er mai 2003", f"le 1er{NB}mai{NB}2003"), ("l'eau d'ici", "l’eau d’ici"), ("l’ eau", "l’eau"),
        ('il dit "oui"', f"il dit «{NB}oui{NB}»"), ("« oui »", "“oui”"), ('il dit " oui, non " hier', "il dit « oui, non » hier"),
        ("non - si", "non – si"), ("non -- si", "non — si"), ("sous-marin", "sous\u2011marin"), ("et...", "et…"),
        (f"co{SHY}opé{SHY}ration", "coopération"), ("un  deux", "un deux"), ("un deux ", "un deux"), ("un\ndeux", "un deux"),
        ("M. Diop", f"M.{NB}Diop"), ("zéro\u200b largeur", "zéro largeur"),
    ],
)  # fmt: skip
def test_typography_is_no_change(old: str, new: str) -> None:
    for before, after in ((old, new), (new, old), (f"Un {old} deux", f"Un {new} deux")):
        diff = told(before, after)
        assert diff.only_typography and "~" in {one[0] for one in diff.told}, diff.told


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("de l’eau douce", "de l’air doux", [("=", "de l’"), ("-", "eau douce"), ("+", "air doux")]),
        ("à l'eau", "à l’air", [("=", "à "), ("~", "l'", "l’"), ("-", "eau"), ("+", "air")]),
        ("de la ville", "de l’État", [("=", "de "), ("-", "la ville"), ("+", "l’État")]),
        (f"près de 3{NB}000 lignes", "près de 4 000 lignes", [("=", "près de "), ("-", f"3{NB}000 "), ("+", "4 000 "), ("=", "lignes")]),
        ("le 3 mai 2003 à", "le 4 mai 2003 à", [("=", "le "), ("-", "3 "), ("+", "4 "), ("=", "mai 2003 à")]),
        ("2003-05-03", "2003-05-04", [("-", "2003-05-03"), ("+", "2003-05-04")]),
        ("il vient.", "il vient,", [("=", "il "), ("-", "vient."), ("+", "vient,")]),
        ("mais en fin de", "mais enfin de", [("=", "mais "), ("-", "en fin "), ("+", "enfin "), ("=", "de")]),
        ("1 2 voix", "12 voix", [("-", "1 2 "), ("+", "12 "), ("=", "voix")]),
        ("marche", "marché", [("-", "marche"), ("+", "marché")]),
        ('dit " le vieux " ici', f"dit «{NB}le neuf{NB}» ici", [("=", "dit "), ("~", '" le ', f"«{NB}le "), ("-", 'vieux " '), ("+", f"neuf{NB}» "), ("=", "ici")]),
        ("un deux", "un", [("=", "un"), ("-", " deux")]),
        ("", "tout neuf", [("+", "tout neuf")]),
        ("tout vieux", "", [("-", "tout vieux")]),
        ("", "", []),
        ("un deux", "un\n\ndeux", [("=", "un"), ("-", " "), ("+", "\n\n"), ("=", "deux")]),
    ],
)  # fmt: skip
def test_words_that_changed(old: str, new: str, change: list[tuple[str, ...]]) -> None:
    assert told(old, new).told == change


P = [f"Le paragraphe {name} parle de {name} et de rien d’autre." for name in ("un", "deux", "trois", "quatre", "cinq")]


def joined(*numbers: int) -> str:
    return "\n\n".join(P[number] for number in numbers)


def test_a_moved_paragraph_is_neither_gone_nor_new() -> None:
    diff = told(joined(0, 1, 2, 3, 4), joined(1, 2, 3, 0, 4))
    assert diff.told == [("<", P[0] + "\n\n"), ("=", joined(1, 2, 3) + "\n\n"), (">", P[0] + "\n\n"), ("=", P[4])]
    # The short one moves past the long one, to the end, and with other typography.
    diff = told(f"Court.\n\n{P[0]}", P[0] + "\n\nCourt" + f"{SHY}.")
    assert [one for one in diff.told if one[1].strip()] == [("<", "Court.\n\n"), ("=", P[0]), (">", f"Court{SHY}.")]
    assert diff.words("-", "+") == 0
    # Beside a change in a paragraph that stays.
    diff = told(joined(0, 1, 2, 3), "\n\n".join([P[3], P[0], P[1].replace("rien", "tout"), P[2]]))
    assert {one for one in diff.told if one[0] != "="} == {
        ("-", "rien "),
        ("+", "tout "),
        ("-", "\n\n"),
        ("<", P[3]),
        (">", P[3] + "\n\n"),
    }
    assert diff.words("-", "+") == 2


def test_lists_are_told_item_by_item() -> None:
    def value(name: str, *items: object) -> str:
        return _text(name, {name: list(items)})

    diff = told(value("authors", "Awa Diop", "Moussa Fall"), value("authors", "Moussa Fall", "Awa Diop"))
    assert {one[0] for one in diff.told if one[1].strip()} == {"<", ">", "="}
    diff = told(value("authors"), value("authors", "Awa Diop"))
    assert diff.told == [("+", "Awa Diop")]
    source = {
        "text": "(Source : Le Soleil, 6 mai 2003)",
        "name": "Le Soleil",
        "outlet": "Le Soleil",
        "url": None,
        "date": "2003-05-06",
    }
    diff = told(value("sources", source), value("sources", {**source, "text": f"(Source{NB}: Le Soleil, 7 mai 2003)"}))
    assert [one[:2] for one in diff.told if one[0] in "-+"] == [("-", "6 "), ("+", "7 ")]
    # A purge of the site's cache, and a new stamp, are no change; another picture is.
    image = {"url": "https://x.sn/IMG/jpg/a.jpg?1700000000", "title": None, "type": "image/jpeg"}
    thumbnail = {"url": "https://x.sn/local/cache-vignettes/L1xH1/a-1f.jpg?17", "title": "a", "type": "image/jpeg"}
    before = value("images", image, thumbnail)
    assert (
        before
        == value("images", {**image, "url": "https://x.sn/IMG/jpg/a.jpg?1800000000"})
        == "https://x.sn/IMG/jpg/a.jpg"
    )
    diff = told(before, value("images", {**image, "url": "https://x.sn/IMG/jpg/b.jpg"}))
    assert diff.told == [("-", "https://x.sn/IMG/jpg/a.jpg"), ("+", "https://x.sn/IMG/jpg/b.jpg")]


def test_every_letter_of_both_texts_is_told() -> None:
    lot = random.Random(5)
    words = ["a", "le", "mot.", "«", "»", "\n\n", "\n", NB, "l’", "l'", "-", "–", "3 000", "3000", SHY, "?", "é", " "]
    paragraphs = ["Un deux.", "Trois « quatre ».", "Trois «quatre».", "Cinq", "l'eau", "l’eau", "***", ""]
    for turn in range(1500):
        old, new = (
            "".join(lot.choice(words) + lot.choice(["", " "]) for _n in range(lot.randrange(12))) for _text in "ab"
        )
        told(old, new)
        told(old, "".join(letter for letter in old if lot.random() > 0.1))
        old, new = ("\n\n".join(lot.choices(paragraphs, k=lot.randrange(7))) for _text in "ab")
        told(old, new)
        assert told(old, old).told == ([("=", old)] if old else []), turn


def anchored(pattern: list[str]) -> str:
    """A megabyte in which words that occur once tie many stretches of the same few words together."""
    return " ".join(chain.from_iterable([f"u{n}", *pattern] for n in range(2400)))


HOSTILE = [
    (anchored(["a", "b"] * 95), anchored(["a", "a", "b", "b"] * 47)),
    ("(" * 250_000, "( " * 250_000),
    ("« " * 250_000, "«" * 250_000),
    ("\n\n".join(map(str, range(30_000))), "\n\n".join(map(str, range(29_999, -1, -1)))),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_texts_made_to_take_long_end(number: int) -> None:
    diff = told(*HOSTILE[number])
    # Told as a whole, where word by word would take minutes; moved paragraphs need no such way out.
    assert diff.coarse == (number < 2)
    assert len(lines(diff, full=False)) >= 1


def test_a_megabyte_of_prose_is_told_word_by_word() -> None:
    lot = random.Random(3)
    vocabulary = ["".join(lot.choices("aeioubcdfglmnprst", k=lot.randrange(2, 11))) for _n in range(8000)]
    words = lot.choices(vocabulary, [1 / n for n in range(2, 8002)], k=150_000)
    edited = [f"neuf{n}" if n % 1000 == 500 else word for n, word in enumerate(words)]
    diff = told(" ".join(words), " ".join(edited))
    assert (diff.coarse, diff.words("-"), diff.words("+")) == (False, 150, 150)


# -- as it is printed ---------------------------------------------------------------------------------------------------------


def printed(old: str, new: str, *, full: bool = False) -> list[str]:
    return [line.plain.rstrip() for line in lines(compare(old, new), full=full)]


def test_printed() -> None:
    numbers = " ".join(map(str, range(100, 140)))
    assert printed(f"{numbers} vieux {numbers}", f"{numbers} neuf {numbers}") == [
        "… 132 133 134 135 136 137 138 139 [-vieux-] {+neuf+} 100 101 102 103 104 105 106 107 …"
    ]
    assert printed("un vieux mot", "un neuf mot") == ["un [-vieux-] {+neuf+} mot"]
    assert printed(joined(0, 1, 2, 3), joined(0, 1, 2, 3) + "\n\nFin.") == [
        "… quatre parle de quatre et de rien d’autre.",
        "{+Fin.+}",
    ]
    assert printed(joined(0, 1, 2), joined(1, 2, 0)) == [
        "(moved away from here: Le paragraphe un parle de un et de rien d’autre.)",
        P[1],
        P[2],
        "(moved here: Le paragraphe un parle de un et de rien d’autre.)",
    ]
    assert printed("un deux", "un\n\ndeux") == ["un {+¶+}", "deux"]
    assert printed("un\n\ndeux", "un deux") == ["un[-¶-] deux"]
    assert printed("un\n\ndeux\n\ntrois", "un\n\ntrois") == ["un", "[-deux-]", "trois"]
    assert printed("l'eau vive", "l’eau morte") == ["l’eau [-vive-] {+morte+}"]
    assert printed("l'eau vive", "l’eau morte", full=True) == ["{~l’~}eau [-vive-] {+morte+}"]
    assert printed("", numbers * 4)[0].startswith("{+100 101") and "words) …" in printed("", numbers * 4)[0]
    assert printed("", numbers * 4, full=True) == [f"{{+{numbers * 4}+}}"]
    assert printed("a", "\x1b[2J\u202eb") == ["[-a-] {+ [2Jb+}"]


def test_words() -> None:
    text = f"«{NB}L’eau d'aujourd’hui coûte 3{NNB}000{NB}F{NB}!{NB}», dit-il (l'an dernier{NB}: 2 500)."
    assert WORD.findall(text) == [
        f"«{NB}L’", "eau", "d'", "aujourd’hui", "coûte", f"3{NNB}000", f"F{NB}!{NB}»,", "dit-il", "(l'", "an", f"dernier{NB}:", "2 500).",
    ]  # fmt: skip
