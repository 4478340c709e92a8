"""Units of Markdown below each other, each behind the marks of the lists and quotations that hold it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from osiris_crawler.extract.dom import Element


@dataclass(slots=True)
class Unit:
    """Lines that belong together, and the list items and quotations that hold them, outermost first."""

    lines: list[str]
    around: list[Element]
    tight: bool = False  # another item of its list may follow without a blank line


class Marks:
    """The marks of list items: `- ` or `3. `; of two lists below each other the second has other ones."""

    def __init__(self) -> None:
        self._signs: dict[Element, str] = {}  # of a list
        self._numbers: dict[Element, int] = {}
        self._marks: dict[Element, str] = {}

    def of(self, one: Element) -> str:
        """The mark of an item that has one, or of a quotation."""
        return self._marks.get(one, "> ")

    def hanging(self, one: Element) -> str:
        """What stands before the other lines of it."""
        mark = self.of(one)
        return mark if mark == "> " else " " * len(mark)

    def give(self, item: Element, before: Element | None) -> None:
        """Give an item its mark; `before` is what ended just above, at its depth."""
        parent = item.getparent()
        assert parent is not None
        ordered = parent.tag == "ol"
        if parent not in self._signs:
            above = before.getparent() if before is not None else None
            taken = self._signs.get(above) if above is not None else None
            plain, other = (".", ")") if ordered else ("-", "*")
            self._signs[parent] = other if taken == plain else plain
        sign = self._signs[parent]
        self._marks[item] = f"{self.number(item)}{sign} " if ordered else f"{sign} "

    def number(self, item: Element) -> int:
        """The number of a numbered list's item."""
        known = self._numbers.get(item)
        if known is None:
            passed = 1
            before = next(item.itersiblings("li", preceding=True), None)
            while before is not None and before not in self._numbers:
                passed, before = passed + 1, next(before.itersiblings("li", preceding=True), None)
            known = self._numbers[before] + passed if before is not None else _start(item) + passed - 1
            self._numbers[item] = known
        return known


def _start(item: Element) -> int:
    parent = item.getparent()
    start = parent.get("start", "") if parent is not None else ""
    return int(start) if re.fullmatch(r"[0-9]{1,6}", start) else 1


def join(units: Iterable[Unit]) -> str:
    """Units below each other, each behind the marks of what holds it."""
    out: list[str] = []
    marks = Marks()
    before = Unit([], [])
    for unit in units:
        same = 0
        while same < min(len(unit.around), len(before.around)) and unit.around[same] is before.around[same]:
            same += 1
        first = rest = "".join(marks.hanging(one) for one in unit.around[:same])
        if out and not _follows(before, unit, same, marks):
            out.append(rest.rstrip(" "))
        ended = before.around[same] if same < len(before.around) else None
        for one in unit.around[same:]:
            if one.tag == "li":
                marks.give(one, ended)
            ended = None
            first, rest = first + marks.of(one), rest + marks.hanging(one)
        out += [((rest if i else first) + line).rstrip(" ") for i, line in enumerate(unit.lines)]
        before = unit
    return "\n".join(out)


def _follows(before: Unit, unit: Unit, same: int, marks: Marks) -> bool:
    """Whether an item needs no blank line before it: the next one of a list, or the first of a list within an item."""
    if not (before.tight and unit.tight) or same >= len(unit.around) or unit.around[same].tag != "li":
        return False
    parent = unit.around[same].getparent()
    assert parent is not None
    if same < len(before.around):
        return before.around[same].getparent() is parent
    within = bool(before.around) and before.around[-1].tag == "li"
    return within and (parent.tag != "ol" or marks.number(unit.around[same]) == 1)
