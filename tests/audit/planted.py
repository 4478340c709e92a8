"""The embedded site with gaps planted in it: some of its addresses answer otherwise, some of its words are untrue."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from osiris_crawler.demo.pages import HTML, ROBOTS, Answer, Site
from osiris_crawler.demo.pieces import Piece
from osiris_crawler.demo.server import Running

NOTHING = b"<html><head><title>404</title></head><body><h1>Erreur</h1></body></html>"


def refused(status: int) -> Answer:
    return Answer(status, HTML, NOTHING)


@dataclass
class Altered:
    """Stands before a site: `answers` by target, `words` said otherwise on every page (as bytes)."""

    site: Site
    answers: dict[str, Answer | Callable[[Site], Answer]] = field(default_factory=dict)
    words: list[tuple[re.Pattern[bytes], bytes]] = field(default_factory=list)

    def answer(self, target: str) -> Answer:
        found = self.answers.get(target)
        if isinstance(found, Answer):
            return found
        answer = found(self.site) if found is not None else self.site.answer(target)
        if answer.mime == HTML:
            for pattern, word in self.words:
                answer = replace(answer, body=pattern.sub(word, answer.body))
        return answer

    def changed(self) -> None:
        self.site.changed()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.site, name)


def altered(running: Running) -> Altered:
    """Put one before a site that is being served."""
    assert running.site is not None
    found = Altered(running.site)
    running.site = found  # type: ignore[assignment]
    return found


def plain_pieces(running: Running) -> list[Piece]:
    """Articles that nothing else refers to, the newest left out, oldest last."""
    assert running.site is not None
    pieces = running.site.world.published()
    repeated = {piece.duplicate_of for piece in pieces}
    chosen = [
        piece
        for piece in pieces[12:]
        if piece.kind == "article"
        and piece.tag
        and not piece.old_path
        and piece.duplicate_of is None
        and piece.number not in repeated
    ]
    assert len(chosen) >= 8
    return chosen


def forbidding(*paths: str) -> Answer:
    """A robots.txt that forbids these besides."""
    lines = "".join(f"Disallow: /{path}\n" for path in paths)
    return Answer(200, "text/plain; charset=utf-8", (ROBOTS + lines).encode())
