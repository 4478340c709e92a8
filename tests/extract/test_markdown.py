"""Blocks as Markdown, read back by a parser that is not ours."""

from __future__ import annotations

import random
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from osiris_crawler.extract.document import Document, read_document
from osiris_crawler.extract.dom import parse
from osiris_crawler.extract.markdown import plain, plain_heading, render
from osiris_crawler.extract.markdown_inline import Run, Setting, inline, letters_of

BASE = "http://osiris.sn/Un-article.html"
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


class Shown(HTMLParser):
    """What a reader sees of HTML: (letter, bold, italic, address) of all that is no white space, and the tags."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.letters: list[tuple[str, bool, bool, str | None]] = []
        self.tags: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self._open: list[str] = []
        self._address: str | None = None
        self.html = READER.render(markdown)
        self.feed(self.html)

    @property
    def text(self) -> str:
        return "".join(letter for letter, *_style in self.letters)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "img":
            self.pictures.append(dict(attrs))
        if tag in ("strong", "em"):
            self._open.append(tag)
        if tag == "a":
            self._address = dict(attrs)["href"]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("strong", "em"):
            self._open.remove(tag)
        if tag == "a":
            self._address = None

    def handle_data(self, data: str) -> None:
        style = ("strong" in self._open, "em" in self._open, self._address)
        self.letters += [(sign, *style) for sign in data if not sign.isspace()]


def page(markup: str) -> Document:
    return read_document(parse(f"<html><body>{markup}</body></html>"), BASE)


def rendered(markup: str, **named: Any) -> str:
    return render(page(markup).blocks, BASE, **named)


def words(markup: str) -> str:
    """The letters and digits of the text that the dataset has of it."""
    return "".join(sign for block in page(markup).blocks for sign in block.text if sign.isalnum())


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ("<h2>Un</h2><p>a</p><h3>Deux #</h3><h2><strong>Trois</strong></h2>", "## Un\n\na\n\n### Deux \\#\n\n## Trois\n"),
        ("<p>un<br>deux<br/>trois</p>", "un\\\ndeux\\\ntrois\n"),
        ("<p>un<br><br>deux</p>", "un\n\ndeux\n"),
        ("<p>Le <b>mot</b>, <i>l’autre</i> et <b><i>les deux</i></b>.</p>", "Le **mot**, *l’autre* et ***les deux***.\n"),
        ("<p>x<b>« mot »</b>du</p>", "x« **mot** »du\n"),
        ("<p>x<b>«mot» </b>du</p>", "x«**mot**» du\n"),
        ('<p><a href="/IMG/pdf/a b(1).pdf">Le <b>texte</b></a></p>', "[Le **texte**](http://osiris.sn/IMG/pdf/a%20b%281%29.pdf)\n"),
        ('<p>Voir ! <a href="mailto:a@b.sn">ici</a></p>', "Voir ! [ici](mailto:a@b.sn)\n"),
        ('<p>Voir !<a href="http://x.sn/?a&copy;=1">ici</a></p>', "Voir \\![ici](http://x.sn/?a©=1)\n"),
        ('<p><a href="javascript:alert(1)">a</a> <a href="data:text/html,x">b</a> <a href="#c">c</a></p>', "a b c\n"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul><p>e</p>", "- a\n- b\n  - c\n- d\n\ne\n"),
        ("<p>x</p><ol start=7><li>a<li>b</ol>", "x\n\n7. a\n8. b\n"),
        ("<p>x</p><ul><li>a</ul><ul><li>b</ul>", "x\n\n- a\n\n* b\n"),
        ("<p>x</p><ul><li><p>a</p><p>b</p></li><li><blockquote><p>c</p></blockquote></li></ul>", "x\n\n- a\n\n  b\n- > c\n"),
        ("<p>x</p><blockquote><p>a</p><p>b</p></blockquote>", "x\n\n> a\n>\n> b\n"),
        (
            "<p>x</p><blockquote class=spip_poesie><div>a</div><div>b</div><div>&nbsp;</div><div>c</div></blockquote>",
            "x\n\n> a\\\n> b\n>\n> c\n",
        ),
        (
            "<table><caption>Les <b>prix</b></caption><tr><th>a|b<th>c</tr><tr><td>1<td><i>2</i></tr></table>",
            "*Les prix*\n\n| a\\|b | c |\n| --- | --- |\n| 1 | *2* |\n",
        ),
        (
            "<table><tr><td colspan=2>a<td>b</tr><tr><td rowspan=2>c<td>d<td>e</tr><tr><td>f<td>g</tr></table>",
            "|  |  |  |\n| --- | --- | --- |\n| a |  | b |\n| c | d | e |\n|  | f | g |\n",
        ),
        ("<p>1. a</p><p>- b</p><p># c</p><p>+ d</p><p>&gt; e</p><p>---</p>", "1\\. a\n\n\\- b\n\n\\# c\n\n\\+ d\n\n\\> e\n\n\\---\n"),
        ("<p>a_b_c _d_ 5*3 &amp;amp; &lt;b&gt; `e` [f](g)</p>", "a_b_c \\_d\\_ 5\\*3 \\&amp; \\<b> \\`e\\` \\[f\\](g)\n"),
        ('<p>Mot <img src="i.png" alt="Une [carte]"> fin</p>', "Mot ![Une \\[carte\\]](http://osiris.sn/i.png) fin\n"),
        ('<a href="/x.html"><p>a</p></a><p>b</p>', "[a](http://osiris.sn/x.html)\n\nb\n"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_written(markup: str, markdown: str) -> None:
    assert rendered(markup) == markdown


NOTES = (
    '<p>Un mot [<a href="#nb1" id="nh1">1</a>], deux <a href="#nb2">[2]</a>(suite).</p>'
    '<div><p>[<a href="#nh1">1</a>] La <i>première</i>.</p><p>Sa suite.</p></div>'
    '<div><p>[<a href="#nh2">2</a>]&nbsp;La seconde.</p></div><div><p>[3] Sans appel.</p></div>'
)


def test_notes_and_their_calls() -> None:
    blocks = page(NOTES).blocks
    assert render(blocks[:1], BASE, notes=blocks[1:]) == (
        "Un mot [^1], deux [^2]\\(suite).\n\n[^1]: La *première*.\n\n    Sa suite.\n\n[^2]: La seconde.\n\n\\[3\\] Sans appel.\n"
    )
    assert render(blocks[:1], BASE) == "Un mot \\[1\\], deux \\[2\\](suite).\n"


def test_pictures_that_are_wanted_stand_where_they_stood() -> None:
    markup = (
        '<div><p>a</p><dl><dt><a href="/IMG/grande.jpg"><img src="/local/petite.jpg" alt="x"></a></dt></dl>'
        '<p>b <img src="/logo.png"></p><p><img src="/IMG/autre.png"></p><p>c</p></div>'
    )
    pictures = {"http://osiris.sn/IMG/grande.jpg": "Une vue", "http://osiris.sn/IMG/autre.png": None}
    assert rendered(markup, pictures=pictures) == (
        "a\n\n![Une vue](http://osiris.sn/IMG/grande.jpg)\n\nb\n\n![](http://osiris.sn/IMG/autre.png)\n\nc\n"
    )
    assert "![" not in rendered(markup, pictures={})


def test_what_holds_the_whole_text_is_no_list() -> None:
    assert rendered("<ul><li><blockquote><p>a</p><p>b</p></blockquote></li></ul>") == "a\n\nb\n"


def test_a_block_that_was_cut_keeps_what_is_left_and_its_marks() -> None:
    (block,) = page("<p><b>Un</b> texte <i>cité</i>.<br>(Source : Le Soleil)</p>").blocks
    block.text = "Un texte cité."
    assert render([block], BASE) == "**Un** texte *cité*.\n"
    block.text = "Autre chose"
    assert render([block], BASE) == "Autre chose\n"


PIECES = [
    "mot", "été", "l’", "«", "»", "*", "**", "_", "__", "a_b", "[", "](", "!", "\\", "`", "<b>", "&amp;", "&", "amp;", "#", "-",
    "1.", "2)", "+", " ", "~", "~~", "|", "(", "http://x.sn/a_b", ":", "===", "---", ">", "\u00a0", "\n", "10", "\t", "]", ")",
]  # fmt: skip
ADDRESSES = [
    None,
    None,
    None,
    "http://o.sn/x_y(z)?a=1&copy;b=*c*`",
    "mailto:a@b",
    "javascript:x",
    "/r e l",
    "//x.sn/]|<>\\",
]


def test_whatever_is_written_a_parser_gives_the_letters_back() -> None:
    draw = random.Random(4)
    for _turn in range(1500):
        runs = []
        for _run in range(draw.randint(1, 7)):
            text = "".join(draw.choice(PIECES) for _piece in range(draw.randint(1, 5)))
            style = (draw.random() < 0.3, draw.random() < 0.3, draw.choice(ADDRESSES))
            runs.append(Run("\n") if draw.random() < 0.1 or text == "\n" else Run(text, *style))
        markdown = inline(runs, Setting(BASE))
        shown = Shown(markdown)
        wanted = [(sign, run) for run in runs for sign in letters_of(run.text)]
        assert shown.text == "".join(sign for sign, _run in wanted), (runs, markdown)
        assert set(shown.tags) <= {"p", "br", "strong", "em", "a"}, markdown
        for (sign, run), (_sign, strong, emphasis, url) in zip(wanted, shown.letters, strict=True):
            if sign.isalnum():
                assert not (strong and not run.strong), markdown
                assert not (emphasis and not run.emphasis), markdown
            assert (url is not None) == (run.href not in (None, "javascript:x")), markdown


def test_the_letters_of_a_cell_come_back() -> None:
    draw = random.Random(5)
    for _turn in range(300):
        cells = ["".join(draw.choice(PIECES) for _piece in range(draw.randint(1, 4))) for _cell in range(4)]
        escaped = [cell.replace("&", "&amp;").replace("<", "&lt;") for cell in cells]
        markup = (
            f"<table><tr><td>{escaped[0]}<td><b>{escaped[1]}</b></tr><tr><td>{escaped[2]}<td>{escaped[3]}</tr></table>"
        )
        shown = Shown(rendered(markup))
        assert shown.text == letters_of("".join(cells)), cells


def test_the_letters_of_any_page_come_back() -> None:
    """Blocks in each other in any way, with text that looks like Markdown: no letter is lost, none is put in."""
    draw = random.Random(6)
    tags = [
        "p",
        "div",
        "ul",
        "ol",
        "li",
        "blockquote",
        "table",
        "tr",
        "td",
        "th",
        "caption",
        "h2",
        "h4",
        "b",
        "i",
        "a",
        "br",
        "dl",
        "dd",
    ]

    def some(depth: int) -> str:
        out = ""
        for _part in range(draw.randint(1, 3)):
            tag = draw.choice(tags)
            inner = some(depth - 1) if depth and draw.random() < 0.8 else draw.choice(PIECES).replace("<", "&lt;") + "x"
            out += "<br>" if tag == "br" else f"<{tag} href=/y>{inner}</{tag}>"
        return out

    for _turn in range(400):
        markup = some(4)
        shown = Shown(rendered(markup))
        assert "".join(sign for sign in shown.text if sign.isalnum()) == words(markup), markup


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("un\n\n- deux", "un\n\n\\- deux"),
        ("un\ndeux", "un\\\ndeux"),
        ("Titre\na\tb|c\nd\te\nfin", "Titre\n\n|  |  |\n| --- | --- |\n| a | b\\|c |\n| d | e |\n\nfin"),
        ("", ""),
    ],
)
def test_plain_text(text: str, markdown: str) -> None:
    assert plain(text) == markdown


@pytest.mark.parametrize("title", ["Un titre #", "# 1 ##", "- a", "#", "C*est* [le](titre)"])
def test_a_title_is_one_heading(title: str) -> None:
    shown = Shown(plain_heading(title))
    assert (shown.text, shown.tags) == (letters_of(title), ["h1"])


def test_what_is_nested_without_end_ends() -> None:
    deep = "<ul><li>" * 60 + "x" + "<blockquote>" * 50 + "y" + "<b>" * 300 + "z"
    assert "x" in rendered("<p>a</p>" + deep)
    assert len(rendered("<p>a</p><ol>" + "<li>x" * 5000 + "</ol>").splitlines()) == 5002
