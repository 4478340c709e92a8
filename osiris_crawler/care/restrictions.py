"""restrictions.jsonl: what must not be shown, where, and until when. The WARC files stay as they are.

A line is ``{"id" or "url", "scope", "reason", "authority", "until"}``. `scope` is one of SCOPES or a list of them;
without it, or with "all", nothing shows the article. `until` is the last day (YYYY-MM-DD, in UTC) or an instant; without
it the restriction has no end. What can't be read is an error: it may be what keeps something hidden.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from osiris_crawler.archive.surt import surt
from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection

SCOPES = ("dataset", "exports", "search", "replay")
_LONGEST_LINE = 100_000  # bytes


@dataclass(frozen=True, slots=True)
class Restriction:
    """One line. Either `id` or `url` is set; `until` is the first instant at which it holds no more."""

    line: int
    id: str | None
    url: str | None
    scope: frozenset[str]
    reason: str
    authority: str
    until: datetime | None

    def holds(self, where: str, now: datetime) -> bool:
        """Whether it hides something in one of SCOPES at an instant."""
        return where in self.scope and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Hidden:
    """What is hidden: ids of articles, and addresses as SURT keys, so that scheme and `www.` make no difference."""

    ids: frozenset[str]
    keys: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.ids or self.keys)

    def hides(self, article: Mapping[str, Any]) -> bool:
        """Whether a line of articles.jsonl is hidden: by its id, or by any of its addresses."""
        if not self or article["id"] in self.ids:
            return bool(self)
        return bool(self.keys) and any(surt(url) in self.keys for url in (article["url"], *article["urls"]))


def read(path: Path) -> list[Restriction]:
    """All restrictions of a file, none when there is no file; UsageError names the line that can't be read."""
    if not path.exists():
        return []
    return [_line(path, n, line) for n, line in enumerate(path.read_bytes().split(b"\n"), 1) if line.strip()]


def hidden(restrictions: Iterable[Restriction], *where: str, now: datetime | None = None) -> Hidden:
    """What restrictions hide in any of these SCOPES, now unless another instant is given."""
    instant = now or datetime.now(UTC)
    force = [one for one in restrictions if any(one.holds(scope, instant) for scope in where)]
    ids = frozenset(restriction.id for restriction in force if restriction.id is not None)
    return Hidden(ids, frozenset(surt(restriction.url) for restriction in force if restriction.url is not None))


def parsed(line: bytes, number: int = 0) -> Restriction:
    """A line as a restriction; ValueError says why it is none."""
    return _restriction(number, line)


def kept_back(collection: Collection) -> Hidden:
    """What a dataset that is written now leaves out; UsageError while a line can't be read."""
    return hidden(read(collection.restrictions), "dataset")


def _line(path: Path, number: int, line: bytes) -> Restriction:
    try:
        return _restriction(number, line)
    except (ValueError, RecursionError) as problem:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise UsageError(
            _("Line %(line)d of %(path)s can't be read: %(why)s.") % {"line": number, "path": path, "why": problem},
            _("Mend that line: until it can be read, nothing that it may hide is shown."),
        ) from None


def _restriction(number: int, line: bytes) -> Restriction:
    if len(line) > _LONGEST_LINE:
        raise ValueError(_("it is too long"))
    fields = json.loads(line)
    if not isinstance(fields, dict):
        raise ValueError(_("it is no JSON object"))
    id: Any = fields.get("id")
    url: Any = fields.get("url")
    if isinstance(id, int) and not isinstance(id, bool):
        id = str(id)
    if not all(value is None or (isinstance(value, str) and value) for value in (id, url)) or (id is None) == (
        url is None
    ):
        raise ValueError(_("it needs “id” or “url”, one of them, as a text"))
    if url is not None and not url.lower().startswith(("http://", "https://")):
        raise ValueError(_("its “url” is no web address"))
    return Restriction(
        line=number,
        id=id,
        url=url,
        scope=_scope(fields.get("scope")),
        reason=str(fields.get("reason") or ""),
        authority=str(fields.get("authority") or ""),
        until=_until(fields.get("until")),
    )


def _scope(value: Any) -> frozenset[str]:
    words = ["all"] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not words or any(word not in ("all", *SCOPES) for word in words):
        raise ValueError(_("its “scope” is none of: %(known)s") % {"known": ", ".join(("all", *SCOPES))})
    return frozenset(SCOPES if "all" in words else words)


def _until(value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(_("its “until” is no day (YYYY-MM-DD) and no instant")) from None
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    try:
        return instant + timedelta(days=1) if len(value) <= len("YYYY-MM-DD") else instant
    except OverflowError:
        return None  # 9999-12-31: no end
