"""The one definition of an article's record: a line of articles.jsonl.

JSON Schema, the order of keys, the digest and the table in the manual are all derived from `Article`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

_STAMP = re.compile(r"\?\d+$")
_DAY = r"^\d{4}-\d{2}-\d{2}$"
_PARTIAL_DAY = r"^\d{4}(-\d{2}(-\d{2})?)?$"
_INSTANT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$"
KINDS = ("article", "breve", "issue", "page")

_TEXT: dict[str, Any] = {"type": "string"}
_TEXT_OR_NULL: dict[str, Any] = {"type": ["string", "null"]}
_URL: dict[str, Any] = {"type": "string", "format": "uri"}
_URL_OR_NULL: dict[str, Any] = {"type": ["string", "null"], "format": "uri"}


def _list(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(item)}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


_INSTANT_OR_NULL: dict[str, Any] = {"type": ["string", "null"], "pattern": _INSTANT}
_MEDIA = _object({"url": _URL, "title": _TEXT_OR_NULL, "type": _TEXT_OR_NULL})
_SOURCE = _object(
    {
        "text": _TEXT,
        "name": _TEXT_OR_NULL,
        "outlet": _TEXT_OR_NULL,
        "url": _URL_OR_NULL,
        "date": {"type": ["string", "null"], "pattern": _PARTIAL_DAY},
    }
)
_CAPTURE = _object(
    {
        "warc": _TEXT,
        "offset": {"type": "integer", "minimum": 0},
        "record_id": _TEXT,
        "date": {"type": "string", "pattern": _INSTANT},
    }
)


def _field(description: str, schema: Mapping[str, Any], *, many: bool = False, value: Any = None) -> Any:
    metadata = {"description": description, "schema": dict(schema)}
    if many:
        return field(default_factory=list, metadata=metadata)
    return field(default=value, metadata=metadata)


@dataclass(slots=True)
class Article:
    """One article, in its newest version. Absent values are None or an empty list, never missing."""

    id: str = _field("SPIP's number where certain, else the canonical slug; never revised", _TEXT, value="")
    url: str = _field("canonical address", _URL, value="")
    urls: list[str] = _field("addresses that answered with the article or redirected to it", _list(_URL), many=True)
    title: str = _field("title as written", _TEXT, value="")
    overline: str | None = _field("SPIP's surtitre", _TEXT_OR_NULL)
    subtitle: str | None = _field("SPIP's soustitre", _TEXT_OR_NULL)
    date: str | None = _field("publication day, YYYY-MM-DD", {"type": ["string", "null"], "pattern": _DAY})
    date_text: str | None = _field("the date as the page writes it", _TEXT_OR_NULL)
    section: list[str] = _field("titles from the root down, without home and article", _list(_TEXT), many=True)
    tags: list[str] = _field("keywords", _list(_TEXT), many=True)
    authors: list[str] = _field("authors named on the page", _list(_TEXT), many=True)
    lead: str | None = _field("SPIP's chapô", _TEXT_OR_NULL)
    body: str = _field("plain text, blank line between paragraphs, table cells joined by tabs", _TEXT, value="")
    ps: str | None = _field("post-scriptum", _TEXT_OR_NULL)
    notes: list[str] = _field("footnotes", _list(_TEXT), many=True)
    sources: list[dict[str, Any]] = _field(
        "attributions to the outlet that printed it first", _list(_SOURCE), many=True
    )
    link: str | None = _field("address of “Voir en ligne”", _URL_OR_NULL)
    images: list[dict[str, Any]] = _field("pictures; the original of a thumbnail", _list(_MEDIA), many=True)
    documents: list[dict[str, Any]] = _field("attached files", _list(_MEDIA), many=True)
    language: str | None = _field("BCP 47 tag", _TEXT_OR_NULL)
    kind: str = _field("kind of text, by rules in the profile", {"enum": list(KINDS)}, value="article")
    duplicate_of: str | None = _field("id of the first article with the same text", _TEXT_OR_NULL)
    version: int = _field(
        "1, 2, …: runs of equal content over the captures", {"type": "integer", "minimum": 1}, value=1
    )
    first_seen: str | None = _field("earliest capture of the article's own page (UTC)", _INSTANT_OR_NULL)
    last_changed: str | None = _field("first capture of this version (UTC)", _INSTANT_OR_NULL)
    withdrawn: str | None = _field("when its absence was confirmed (UTC)", _INSTANT_OR_NULL)
    content_digest: str = _field(
        "sha-256 of the content", {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}, value=""
    )
    capture: dict[str, Any] = _field("first full response of this version", _CAPTURE, value=None)
    reader: str = _field("version of the reader", _TEXT, value="")
    issues: list[str] = _field("what could not be read, named", _list(_TEXT), many=True)

    def line(self) -> str:
        """The record as one line of JSON, keys in the order of the definition, without a line feed."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def keys() -> list[str]:
    """Names of the record's fields, in order."""
    return [f.name for f in fields(Article)]


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a line of articles.jsonl."""
    properties = {f.name: {**f.metadata["schema"], "description": f.metadata["description"]} for f in fields(Article)}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Article",
        "description": "One article of a SPIP press archive, in its newest version.",
        **_object(properties),
    }


def content_digest(facts: Mapping[str, Any]) -> str:
    """sha-256 over title, date, lead, body, ps, notes, authors, source text and files of an article's facts.

    Section, tags, addresses and chrome don't count: a change of these is no change of the article. A file's time stamp
    (``?1700000000``) and SPIP's own thumbnails under ``local/`` don't count either: a purge of the cache renames them.
    """
    files = sorted(
        {_STAMP.sub("", media["url"]) for name in ("images", "documents") for media in facts.get(name) or []}
    )
    material = [
        *(facts.get(name) or None for name in ("title", "date", "lead", "body", "ps", "notes", "authors")),
        [source["text"] for source in facts.get("sources") or []],
        [url for url in files if "/local/cache-" not in url],
    ]
    text = json.dumps(material, ensure_ascii=False, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
