"""The attribution that ends a text, and the author before it, taken out of the text that they end."""

from __future__ import annotations

import re

from osiris_crawler.extract import source
from osiris_crawler.extract.blocks import Block
from osiris_crawler.extract.facts import ArticleFacts
from osiris_crawler.extract.outlets import Authority
from osiris_crawler.extract.parts import Parts

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NAME = re.compile(
    r"^(?:(?:Par|By|Pr|Dr|Me|Mme|M|Mr)\.?\s+)?[A-ZÀ-Ý][\w’'.\-]*(?:\s+(?:[A-ZÀ-Ý][\w’'.\-]*|de|du|des|da|di|el|ben|ould|mint|d’|d'|et|&)){0,6}$"
)
_TAIL = 8  # blocks from the end in which an attribution is looked for


def take_sources(facts: ArticleFacts, parts: Parts, known: Authority) -> str:
    """Take the attribution, and the author before it, out of the text that it ends; gives the rule that found it, or ""."""
    for name, blocks in (
        ("end of text", parts.body),
        ("end of post-scriptum", parts.ps),
        ("end of notes", parts.notes),
    ):
        if _take_source(facts, blocks, known, author=blocks is parts.body):
            return name
    facts.sources = source.read_title(facts.title, known)
    return "end of title" if facts.sources else ""


def _take_source(facts: ArticleFacts, blocks: list[Block], known: Authority, *, author: bool) -> bool:
    for i in range(len(blocks) - 1, max(len(blocks) - 1 - _TAIL, -1), -1):
        block = blocks[i]
        lines = block.text.split("\n")
        for n in range(len(lines) - 1, -1, -1):
            line = lines[n].strip(" ")
            found = source.find_line(line, known)
            # Behind it only other attributions may come, in its own block.
            if found is None:
                if line:
                    break
                continue
            begin, _parenthesis = found
            facts.sources = (
                source.read_line(line[begin:], _links_in(block, line if len(lines) > 1 else None), known)
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
                if before >= 0 and _is_attribution(blocks[before], known):
                    continue  # two newspapers, each in a line of its own
            if author and before >= 0:
                _take_author(facts, blocks, before)
            return True
        if block.letters > 400 or block.tag in _HEADINGS:
            # An attribution does not stand before a page of text.
            continue
    return False


def _is_attribution(block: Block, known: Authority) -> bool:
    found = source.find_line(block.text, known) if "\n" not in block.text else None
    return found is not None and found[0] == 0


def _links_in(block: Block, line: str | None) -> list[tuple[str, str]]:
    """The links of a block, or of one of its lines; a call to a footnote leads to no outlet."""
    away = [(href, text) for href, text in block.links if not href.startswith("#")]
    return away if line is None else [(href, text) for href, text in away if text.strip() and text.strip() in line]


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
