"""An archived text as a page shows it: never markup, never a link that does harm."""

from __future__ import annotations

import pytest

from osiris_crawler.dataset.worddiff import compare
from osiris_crawler.reading_room.past import stretches
from osiris_crawler.reading_room.prose import blocks, is_figure, notes, shown, web_address, with_calls


@pytest.mark.parametrize("url", ["http://a.example/", "https://a.example:8080/x?y=1#z", "HTTPS://A.EXAMPLE/é", "http://[::1]/"])
def test_web_addresses_are_links(url: str) -> None:
    assert web_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "vbscript:x",
        "//a.example/", "/x", "a.example", "http:///x", "http://", "http:javascript:x", "http://a.example:x/", "http://a.example/ x",
        "http://a.example/\u202e", "http://a.example\\@b.example/", "file:///etc/passwd", "", None, 7, "http://a.example/" + "x" * 3000,
        "http://[bad/",
    ],
)  # fmt: skip
def test_other_things_are_not(url: object) -> None:
    assert web_address(url) is None


def test_what_turns_letters_around_is_left_out() -> None:
    assert shown("a\u202egpj.exe\u202c\u2067b\u2069\x00\x1b[2J\ufeffc") == "agpj.exeb[2Jc"
    assert shown("« été »\u00a0: l’œuvre\u202f! עברית \u200f") == "« été »\u00a0: l’œuvre\u202f! עברית \u200f"


def test_a_text_has_blocks() -> None:
    found = blocks("Un.\nDeux.\n\n\nLégende\nAn\tNombre\n2001\t7\n\n– a\n– b\n\n– seul")
    assert [(block.kind, list(block.lines), [list(row) for row in block.rows], list(block.head)) for block in found] == [
        ("paragraph", ["Un.", "Deux."], [], []),
        ("paragraph", ["Légende"], [], []),
        ("table", [], [["2001", "7"]], ["An", "Nombre"]),
        ("list", ["a", "b"], [], []),
        ("paragraph", ["– seul"], [], []),
    ]
    assert blocks(None) == blocks(" \n\n ") == []


@pytest.mark.parametrize(("cell", "figure"), [("739 000", True), ("85 %", True), ("2001", True), ("-3,5", True), ("B2", False), ("–", False), ("", False)])  # fmt: skip
def test_figures_are_told_from_words(cell: str, figure: bool) -> None:
    assert is_figure(cell) is figure


def test_calls_lead_to_their_notes_and_are_no_markup() -> None:
    known = notes(["[1] Une.", "(2) Deux.", "Sans numéro"])
    assert [(note.number, note.text) for note in known] == [("1", "Une."), ("2", "Deux."), ("3", "Sans numéro")]
    assert with_calls("a<b> [1] [9]", known) == 'a&lt;b&gt; <a class="call" href="#note-1">[1]</a> [9]'


def test_a_difference_is_folded_and_has_all_its_words() -> None:
    same = "Le même texte, qui ne change pas. " * 40
    diff = compare(f"{same}Un mot ancien. {same}", f"{same}Un mot nouveau. {same}")
    kinds = [part.kind for part in stretches(diff, full=False)]
    assert kinds == ["fold", "same", "gone", "new", "same", "fold"]
    whole = stretches(diff, full=True)
    assert "".join(part.text for part in whole if part.kind in ("same", "new")) == f"{same}Un mot nouveau. {same}"
