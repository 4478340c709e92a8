"""Reading an article's page, in the order of its visible text: landmarks first, known markup as help.

breadcrumb → title → date line → keywords → [lead] → body → [author] → source → PS, notes, documents → what repeats

Issues that a reading names: title:missing, date:missing, date:weekday (it contradicts the date), body:empty.
Every field that is read says which rule read it and how sure that is: `high` where signs agree or markup says it,
`fair` where one sign says it, `low` where it is what was left.
"""

from __future__ import annotations

from osiris_crawler.extract import media, outlets
from osiris_crawler.extract.attribution import take_sources
from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.breadcrumb import Breadcrumb
from osiris_crawler.extract.chrome import Layout, Places, line_of
from osiris_crawler.extract.document import Document
from osiris_crawler.extract.dom import fold
from osiris_crawler.extract.facts import ArticleFacts
from osiris_crawler.extract.headline import Classify, find_dateline, find_title, from_tag, read_byline
from osiris_crawler.extract.landmarks import Landmarks, folded
from osiris_crawler.extract.links import absolute
from osiris_crawler.extract.outlets import Authority
from osiris_crawler.extract.parts import Parts, Surroundings, read_notes
from osiris_crawler.extract.roles import Roles
from osiris_crawler.extract.source import find_line
from osiris_crawler.extract.tags import read_tags
from osiris_crawler.extract.text import find_parts

_LONGEST_LABEL = 160  # letters of a word of the site such as “Voir en ligne”
_PARAGRAPH = 100  # letters of a block that only a text has
_LEAD = 60  # letters of running text between title and date line


class ArticlePage:
    """A page while it is read as an article's: `start` is the block behind title and date."""

    def __init__(
        self,
        document: Document,
        *,
        landmarks: Landmarks,
        classify: Classify,
        outlets: Authority,
        breadcrumb: Breadcrumb | None,
        hints: bool = True,
    ) -> None:
        self.document = document
        self.landmarks = landmarks
        self.classify = classify
        self.outlets = outlets
        self.roles = Roles(document.body, document.blocks, hints=hints)
        blocks = document.blocks
        self.title_at, self.title_signs = find_title(blocks, breadcrumb, document.title)
        self.date_at, self.date = find_dateline(blocks, self.title_at)
        self.tags: list[str] = []
        self.tag_blocks: set[int] = set()
        self.apart: set[int] = set()  # keywords and date: blocks that are no text
        self.start = -1
        if not blocks or (self.title_at is None and (self.date is None or not document.title)):
            return
        if self.title_at is None:
            self.title_at = max(self.date_at - 1, -1)
            self.title_signs = []
        self.start = max(self.title_at, self.date_at) + 1
        if sum(len(block.text) >= _PARAGRAPH for block in blocks[self.title_at + 1 : self.date_at]) > 1:
            self.start, self.apart = self.title_at + 1, {self.date_at}  # the date stands below the text
        elif self.date is None and self.roles.published_text:
            stamp = fold(self.roles.published_text)
            self.apart = {i for i, block in enumerate(blocks) if block.plain == stamp}
        self.tags, self.tag_blocks = read_tags(blocks, self.start, document.base, classify)
        self.apart |= self.tag_blocks

    @property
    def is_article(self) -> bool:
        """Whether there is a title, or a date line and a <title>. Learned chrome has no say in it."""
        return self.start >= 0

    @property
    def is_attributed(self) -> bool:
        """Whether any line behind the title is an attribution. Learned chrome has no say in it."""
        return self.start >= 0 and any(
            find_line(line.strip(" "), self.outlets)
            for block in self.document.blocks[self.start :]
            if "ource" in block.text or "OURCE" in block.text
            for line in block.text.split("\n")
        )

    def parts(self, layout: Layout | None, places: Places) -> Parts:
        """Its text, told apart. There are templates that have the chapo above the date line."""
        parts = find_parts(
            Surroundings(
                self.document, self.start, self.landmarks, self.roles, self.apart, layout, places,
                title=line_of(self.document.blocks[self.title_at]) if self.title_at is not None else "",
            )
        )
        # Where the site's pages have it below, a sentence above the date line is a subtitle.
        if not parts.lead and self.title_at is not None and self.date_at < self.start and not (layout is not None and layout.leads):
            above = self.document.blocks[self.title_at + 1 : self.date_at]
            parts.lead = [block for block in above if self._is_lead(block)]
        return parts

    def _is_lead(self, block: Block) -> bool:
        known = block.role is not None or block.aside
        return len(block.text) >= _LEAD and not block.links and not known


def read_article(page: ArticlePage, layout: Layout | None, places: Places) -> ArticleFacts:
    """What an article's page says."""
    document, blocks, roles = page.document, page.document.blocks, page.roles
    at = page.title_at
    assert at is not None
    facts = ArticleFacts(number=roles.number)
    facts.title = (blocks[at].plain.strip() if page.title_signs else "") or from_tag(document.title)
    signs = page.title_signs
    _say(facts, "title", " + ".join(signs) or "title tag", "high" if len(signs) > 1 else "fair" if signs else "low")
    _date(facts, page)
    _around_title(facts, blocks, at, page.start, roles)
    facts.authors = read_byline(blocks, at, page.date_at, document.base, page.classify)
    if facts.authors:
        _say(facts, "authors", "byline", "high")
    facts.tags = page.tags
    if facts.tags:
        _say(
            facts,
            "tags",
            "keyword links behind the date" if min(page.tag_blocks) < page.start + 3 else "keyword links",
            "high",
        )
    parts = page.parts(layout, places)
    by_line = len(facts.authors)
    rule = take_sources(facts, parts, page.outlets)
    if rule:
        outlet = outlets.provenance(facts.sources, page.outlets)
        sure = "high" if facts.sources[0].text.startswith("(") else "fair"
        _say(
            facts,
            "sources",
            f"{rule}; {outlet['rule']}" if outlet else rule,
            max(sure, outlet.get("sure", "high"), key=_SURE.index),
        )
    if len(facts.authors) > by_line:
        _say(facts, "authors", "line before the source" + (" + byline" if by_line else ""), "fair")
    _texts(facts, parts, page)
    return facts


def _texts(facts: ArticleFacts, parts: Parts, page: ArticlePage) -> None:
    """The parts as the record has them."""
    document, landmarks = page.document, page.landmarks
    facts.lead = _join(parts.lead) or None
    facts.ps = _join([b for b in parts.ps if folded(b.plain) not in landmarks.postscript]) or None
    facts.notes = read_notes(parts.notes, landmarks)
    _link(facts, document.blocks, parts, landmarks, document.base, page.roles)
    at = page.title_at
    assert at is not None
    images, documents, captions = media.read_media(document, at, parts.body, page.classify, page.roles)
    facts.images, facts.documents = images, documents
    facts.body = _join([block for block in parts.body if block.element not in captions])
    for name, value in (("body", facts.body), ("lead", facts.lead), ("ps", facts.ps), ("notes", facts.notes)):
        if value:
            _say(facts, name, parts.rule, parts.sure)
    for name, found in (("images", images), ("documents", documents)):
        if found:
            _say(facts, name, "beside the text", "fair")


_SURE = ("high", "fair", "low")  # surest first


def _say(facts: ArticleFacts, name: str, rule: str, sure: str) -> None:
    facts.provenance[name] = {"rule": rule, "sure": sure}


def _date(facts: ArticleFacts, page: ArticlePage) -> None:
    reading = page.date
    if reading is not None:
        facts.date, facts.date_text = reading.iso, reading.text
        if reading.weekday_ok is False:
            facts.issues.append("date:weekday")
        rule = "date line" if reading.weekday_ok is None else "date line with weekday"
        _say(facts, "date", rule, {True: "high", None: "fair", False: "low"}[reading.weekday_ok])
    elif page.roles.published is not None:
        facts.date, facts.date_text = page.roles.published, page.roles.published_text
        _say(facts, "date", "machine-readable stamp", "fair")


def _around_title(facts: ArticleFacts, blocks: list[Block], at: int, start: int, roles: Roles) -> None:
    for i, block in enumerate(blocks[max(at - 3, 0) : start + 2], max(at - 3, 0)):
        if i == at:
            continue
        role = block.role
        if role == "overline":
            facts.overline = block.plain
            _say(facts, "overline", "markup", "high")
        elif role == "subtitle":
            facts.subtitle = block.plain
            _say(facts, "subtitle", "markup", "high")


def _link(
    facts: ArticleFacts, blocks: list[Block], parts: Parts, landmarks: Landmarks, base: str, roles: Roles
) -> None:
    """“Voir en ligne : …”, as a line of its own."""
    for block in blocks:
        if not block.links:
            continue
        words = block.plain[:_LONGEST_LABEL].partition(":")[0]
        head = folded(words) if len(words) < _LONGEST_LABEL else ""
        if head in landmarks.link or block.role == "link":
            facts.link = absolute(base, block.links[0][0])
            _say(facts, "link", "line of its own", "high")
            for part in (parts.body, parts.ps):
                if block in part:
                    part.remove(block)
            return


def _join(blocks: list[Block]) -> str:
    """Blank line between blocks; rows of a table and items of a list on lines of their own."""
    out: list[str] = []
    before: Block | None = None
    for block in blocks:
        text = fold(block.plain) if block.tag != "tr" else block.text
        if not text.strip():
            continue
        if out:
            out.append("\n" if before is not None and _together(before, block) else "\n\n")
        out.append(text)
        before = block
    return "".join(out).strip(" \n")


def _together(a: Block, b: Block) -> bool:
    """Rows, items, and the verses of a stanza: SPIP has a <div> for each, and an empty one between two stanzas."""
    if {a.tag, b.tag} <= {"tr", "caption"} or (a.tag == "li" and b.tag == "li"):
        return True
    verses = a.tag == "div" and b.tag == "div" and b.element.getprevious() is a.element
    return verses and any(above.tag == "blockquote" for above in (a.element.getparent(),) if above is not None)
