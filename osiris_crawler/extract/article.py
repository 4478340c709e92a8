"""Reading an article's page, in the order of its visible text: landmarks first, known markup as help.

breadcrumb → title → date line → keywords → [lead] → body → [author] → source → PS, notes, documents → what repeats

Issues that a reading names: title:missing, date:missing, date:weekday (it contradicts the date), body:empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from osiris_crawler.extract import media, source
from osiris_crawler.extract.blocks import Block, flatten
from osiris_crawler.extract.breadcrumb import Breadcrumb
from osiris_crawler.extract.dates import DateReading, find_date
from osiris_crawler.extract.dom import Element, fold
from osiris_crawler.extract.facts import ArticleFacts
from osiris_crawler.extract.landmarks import Landmarks, folded
from osiris_crawler.extract.links import absolute, base_of
from osiris_crawler.extract.roles import Roles
from osiris_crawler.extract.tags import read_tags

Classify = Callable[[str], str]

_CUT = re.compile(r"[\s\u00a0]*(?:\(…\)|\(\.\.\.\)|…)$")
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NEAR = 8  # blocks between title and date line
_LONGEST_LABEL = 160  # letters of a word of the site such as “Voir en ligne”
_PARAGRAPH = 80  # letters that only running text has
_NOTE = re.compile(r"^[\[(]\s*(?:\d{1,3}|\*)\s*[\])][\s\u00a0]*")
_BYLINE = re.compile(r"^[\s,|–-]*(?:par|by)\s+(.{2,200})$", re.I | re.S)
_NAME = re.compile(
    r"^(?:(?:Par|By|Pr|Dr|Me|Mme|M|Mr)\.?\s+)?[A-ZÀ-Ý][\w’'.\-]*(?:\s+(?:[A-ZÀ-Ý][\w’'.\-]*|de|du|des|da|di|el|ben|ould|mint|d’|d'|et|&)){0,6}$"
)
_TAIL = 8  # blocks from the end in which an attribution is looked for


@dataclass(slots=True)
class _Parts:
    """Blocks by what they are."""

    body: list[Block] = field(default_factory=list)
    lead: list[Block] = field(default_factory=list)
    ps: list[Block] = field(default_factory=list)
    notes: list[Block] = field(default_factory=list)


def read_article(
    tree: Element, url: str, *, landmarks: Landmarks, classify: Classify, breadcrumb: Breadcrumb | None, title_tag: str
) -> ArticleFacts | None:
    """What an article's page says, or None when the page is no article. `classify` names the kind of an address."""
    body = tree.find(".//body")
    root = body if body is not None else tree
    blocks = flatten(root)
    if not blocks:
        return None
    base = base_of(tree, url)
    roles = Roles(root)
    at = _title_at(blocks, breadcrumb, title_tag, roles)
    facts = ArticleFacts(number=roles.number)
    date_at, reading = _date_at(blocks, at)
    if at is None:
        if reading is None or not title_tag:
            return None
        facts.title = _from_tag(title_tag)
        at = max(date_at - 1, -1)
    else:
        facts.title = _whole(blocks[at].plain, title_tag)
    start = max(at, date_at) + 1
    if reading is not None:
        facts.date, facts.date_text = reading.iso, reading.text
        if reading.weekday_ok is False:
            facts.issues.append("date:weekday")
    else:
        facts.date = roles.published
        facts.date_text = roles.published_text
    _around_title(facts, blocks, at, start, roles)
    facts.authors = _byline(blocks, at, date_at, base, classify)
    facts.tags, tag_blocks = read_tags(blocks, start, base, classify)
    marked = roles.found("body")
    parts = _by_roles(blocks, roles) if marked else _by_order(blocks, start, landmarks, tag_blocks, root, roles)
    if not parts.body and not parts.lead and reading is None:
        return None
    _sources(facts, parts)
    facts.lead = _join(parts.lead) or None
    facts.ps = _join([b for b in parts.ps if folded(b.plain) not in landmarks.postscript]) or None
    facts.notes = _notes(parts.notes, landmarks)
    _link(facts, blocks, parts, landmarks, base, roles)
    images, documents, captions = media.read_media(root, blocks, at, parts.body, base, classify, roles)
    facts.images, facts.documents = images, documents
    facts.body = _join([block for block in parts.body if block.element not in captions])
    return facts


# -- title and date ---------------------------------------------------------------------------------------------------


def _title_at(blocks: list[Block], crumbs: Breadcrumb | None, title_tag: str, roles: Roles) -> int | None:
    """The block that is the title: what breadcrumb, <title> and headings agree on."""
    inside = set(crumbs.element.iter()) if crumbs is not None and crumbs.element is not None else set()
    first = max((i for i, block in enumerate(blocks) if block.element in inside), default=-1) + 1
    stem = folded(_CUT.sub("", crumbs.last)) if crumbs is not None else ""
    tag = folded(title_tag)
    best: tuple[int, int] | None = None
    for i, block in enumerate(blocks[first:], first):
        text = block.plain
        if len(text) > 400 or block.element in inside:
            continue
        plain = folded(text)
        if len(plain) < 2:
            continue
        score = 0
        if stem and (plain.startswith(stem) if len(stem) > 3 else plain == stem):
            score += 4
        if len(plain) > 3 and (tag.startswith(plain) or (len(plain) > 20 and tag.startswith(plain[:60]))):
            score += 3
        if block.tag in _HEADINGS:
            score += 2 if block.tag == "h1" else 1
        if roles.of(block) == "title":
            score += 3
        if roles.aside(block):
            score -= 4
        if score >= 3 and any(find_date(near.plain[:80]) for near in blocks[i + 1 : i + 1 + _NEAR]):
            score += 1
        if score >= 3 and (best is None or score > best[0]):
            best = (score, i)
    return best[1] if best is not None else None


def _whole(text: str, title_tag: str) -> str:
    return text.strip() or _from_tag(title_tag)


def _from_tag(title_tag: str) -> str:
    return re.split(r"\s+[-–|]\s+", title_tag)[0].strip()


def _date_at(blocks: list[Block], at: int | None) -> tuple[int, DateReading | None]:
    """The date line: the first date with its weekday after the title, else a short line that is a date."""
    first = (at if at is not None else -1) + 1
    near = list(enumerate(blocks[first : first + _NEAR], first))
    if at is not None:
        near += list(enumerate(blocks[max(at - 3, 0) : at], max(at - 3, 0)))
    else:
        near = list(enumerate(blocks))
    for weekday in (True, False):
        for i, block in near:
            text = block.plain
            # A sentence that names a day is no date line: the date stands at its beginning, and little follows.
            found = find_date(text[:160], weekday=weekday) if len(text) <= 200 else None
            if found is not None and found.start <= 40 and _dateline(text, found):
                return i, found
        if at is None:
            break
    return (at if at is not None else -1), None


def _dateline(text: str, found: DateReading) -> bool:
    before, after = text[: found.start].strip(" ,:–-"), text[found.end :].strip(" ,:–-|")
    opening = not before or folded(before) in {
        "le",
        "publie le",
        "mis en ligne le",
        "article publie le",
        "date",
        "paru le",
        "posted",
    }
    return opening and (
        (len(after) <= 90 and not re.search(r"[.!?]$", after)) or bool(re.match(r"(?:par|by)\b", after))
    )


def _byline(blocks: list[Block], at: int, date_at: int, base: str, classify: Classify) -> list[str]:
    """Authors named beside the date: links to authors' pages, else what follows “par”."""
    names: dict[str, None] = {}
    for block in blocks[min(at, date_at) : max(at, date_at) + 1]:
        linked = []
        for href, text in block.links:
            url = absolute(base, href)
            if url is not None and classify(url) == "author" and text.strip():
                linked.append(text.strip())
        found = find_date(block.plain[:80])
        if not linked and found is not None:
            match = _BYLINE.match(block.plain[found.end :])
            linked = [part.strip() for part in re.split(r",\s*", match[1])] if match else []
        names.update(dict.fromkeys(linked))
    return list(names)


def _around_title(facts: ArticleFacts, blocks: list[Block], at: int, start: int, roles: Roles) -> None:
    for i, block in enumerate(blocks[max(at - 3, 0) : start + 2], max(at - 3, 0)):
        if i == at:
            continue
        role = roles.of(block)
        if role == "overline":
            facts.overline = block.plain
        elif role == "subtitle":
            facts.subtitle = block.plain


# -- the parts of the text --------------------------------------------------------------------------------------------


def _by_roles(blocks: list[Block], roles: Roles) -> _Parts:
    """Markup that says what is what."""
    parts = _Parts()
    lists = {"body": parts.body, "lead": parts.lead, "ps": parts.ps, "notes": parts.notes}
    for block in blocks:
        target = lists.get(roles.of(block) or "")
        if target is not None:
            target.append(block)
    return parts


def _by_order(
    blocks: list[Block], start: int, landmarks: Landmarks, tag_blocks: set[int], root: Element, roles: Roles
) -> _Parts:
    """No markup helps: the text runs from the date line to the attribution or to what repeats."""
    end = _end(blocks, start, landmarks, tag_blocks)
    chosen = [
        block for i, block in enumerate(blocks[start:end], start) if i not in tag_blocks and not roles.aside(block)
    ]
    inside = _container([block for block in chosen if block.letters >= _PARAGRAPH], root)
    parts = _Parts()
    target = parts.body
    said = {"lead": parts.lead, "ps": parts.ps, "notes": parts.notes}
    for block in chosen:
        text = folded(block.plain)
        role = roles.of(block)
        if role in said:
            said[role].append(block)
            continue
        outside = inside is not None and block.element is not inside and inside not in block.element.iterancestors()
        if text in landmarks.tools or outside:
            continue
        if text in landmarks.postscript:
            target = parts.ps
        elif text in landmarks.notes and block.letters < 12:
            target = parts.notes
        elif text in landmarks.documents or text in landmarks.link:
            target = []
        elif target is parts.body and _is_note(block):
            target = parts.notes
            target.append(block)
        else:
            target.append(block)
    return parts


def _end(blocks: list[Block], start: int, landmarks: Landmarks, tag_blocks: set[int]) -> int:
    """Where the article ends: at the first landmark."""
    marks = [
        i
        for i, block in enumerate(blocks[start:], start)
        if i not in tag_blocks and block.letters < 60 and _ends(block, landmarks)
    ]
    return marks[0] if marks else len(blocks)


def _ends(block: Block, landmarks: Landmarks) -> bool:
    text = folded(block.plain)
    if text in landmarks.end:
        return True
    # A landmark with a count or a colon behind it: “Messages (3)”, “Mots clés : TIC”.
    head = re.split(r"[:(\d]", text, maxsplit=1)[0].strip()
    return head in landmarks.end and head != text


def _container(paragraphs: list[Block], root: Element) -> Element | None:
    """The smallest element around the running text; None when it is the whole page."""
    if not paragraphs:
        return None
    common = [paragraphs[0].element, *paragraphs[0].element.iterancestors()]
    for block in paragraphs[1:]:
        around = {block.element, *block.element.iterancestors()}
        common = [element for element in common if element in around]
    if not common or common[0] is root:
        return None
    smallest = common[0]
    if len(paragraphs) == 1 or smallest.tag in ("p", "li", "td", "blockquote"):
        parent = smallest.getparent()
        return parent if parent is not None and parent is not root else None
    return smallest


def _is_note(block: Block) -> bool:
    """A footnote at the end: it begins with its call, which links back."""
    return bool(_NOTE.match(block.plain)) and any("#nh" in href for href, _text in block.links[:1])


def _notes(blocks: list[Block], landmarks: Landmarks) -> list[str]:
    notes: list[str] = []
    for block in blocks:
        text = block.plain
        if folded(text) in landmarks.notes:
            continue
        match = _NOTE.match(text)
        if match or not notes:
            notes.append(text[match.end() :] if match else text)
        else:
            notes[-1] += "\n\n" + text
    return [note.strip() for note in notes if note.strip()]


# -- source, author, link ---------------------------------------------------------------------------------------------


def _sources(facts: ArticleFacts, parts: _Parts) -> None:
    """Take the attribution, and the author before it, out of the text that it ends."""
    for blocks in (parts.body, parts.ps, parts.notes):
        if _take_source(facts, blocks, author=blocks is parts.body):
            return
    facts.sources = source.read_title(facts.title)


def _take_source(facts: ArticleFacts, blocks: list[Block], *, author: bool) -> bool:
    for i in range(len(blocks) - 1, max(len(blocks) - 1 - _TAIL, -1), -1):
        block = blocks[i]
        lines = block.text.split("\n")
        for n in range(len(lines) - 1, -1, -1):
            line = lines[n].strip(" ")
            found = source.find_line(line)
            # Behind it only other attributions may come, in its own block.
            if found is None:
                if line:
                    break
                continue
            begin, _parenthesis = found
            facts.sources = (
                source.read_line(line[begin:], block.links if len(lines) == 1 else _links_in(block, line))
                + facts.sources
            )
            kept = lines[:n] + ([line[:begin].rstrip(" ")] if line[:begin].strip(" ") else [])
            blocks[i] = Block("\n".join(kept).strip(), block.tag, block.element, block.links)
            lines = kept if len(kept) == n else lines[:n]
            if len(kept) > n:
                break
        if facts.sources:
            before = i
            if not blocks[i].text:
                del blocks[i]
                before = i - 1
            if author and before >= 0:
                _take_author(facts, blocks, before)
            return True
        if block.letters > 400 or block.tag in _HEADINGS:
            # An attribution does not stand before a page of text.
            continue
    return False


def _links_in(block: Block, line: str) -> list[tuple[str, str]]:
    return [(href, text) for href, text in block.links if text.strip() and text.strip() in line]


def _take_author(facts: ArticleFacts, blocks: list[Block], at: int) -> None:
    """A short line of its own just before the attribution is the author's name."""
    block = blocks[at]
    lines = block.text.split("\n")
    name = lines[-1].strip(" .\u00a0")
    if block.tag in (*_HEADINGS, "li", "tr", "caption") or not _is_name(name):
        return
    if name not in facts.authors:
        facts.authors.append(name)
    rest = "\n".join(lines[:-1]).strip()
    if rest:
        blocks[at] = Block(rest, block.tag, block.element, block.links)
    else:
        del blocks[at]


def _is_name(text: str) -> bool:
    return (
        3 <= len(text) <= 60
        and not any(c.isdigit() for c in text)
        and len(text.split()) <= 7
        and bool(_NAME.match(text))
    )


def _link(
    facts: ArticleFacts, blocks: list[Block], parts: _Parts, landmarks: Landmarks, base: str, roles: Roles
) -> None:
    """“Voir en ligne : …”, as a line of its own."""
    for block in blocks:
        words = block.plain[:_LONGEST_LABEL].partition(":")[0]
        head = folded(words) if len(words) < _LONGEST_LABEL else ""
        if (head in landmarks.link or roles.of(block) == "link") and block.links:
            facts.link = absolute(base, block.links[0][0])
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
    return {a.tag, b.tag} <= {"tr", "caption"} or (a.tag == "li" and b.tag == "li")
