"""datapackage.json: a Frictionless Data Package, its schema derived from the record."""

from __future__ import annotations

from typing import Any

from osiris_crawler.export.release.citing import people
from osiris_crawler.export.release.facts import Facts, File
from osiris_crawler.export.release.terms import LICENSES
from osiris_crawler.export.shapes import Kind, Shape, shapes

_TYPES = {
    Kind.TEXT: "string",
    Kind.NUMBER: "integer",
    Kind.DAY: "date",
    Kind.INSTANT: "datetime",
    Kind.LIST: "array",
    Kind.STRUCT: "object",
}


def datapackage(facts: Facts) -> dict[str, Any]:
    """The lines as a table with its schema; Parquet files as files, since the package has no word for columns of lists."""
    made: dict[str, Any] = {
        "profile": "data-package",
        "name": facts.name.casefold(),
        "title": facts.title,
        "description": facts.abstract,
        "version": facts.version,
        "created": f"{facts.day}T00:00:00Z",
        "contributors": [{"title": one["name"], "role": "author"} for one in people(facts)],
        "resources": [
            _table(facts.lines, facts.names),
            *(_file(file) for file in facts.files if file is not facts.lines),
        ],
    }
    if facts.terms.doi:
        made["id"] = f"https://doi.org/{facts.terms.doi}"
    if facts.site:
        made["sources"] = [{"title": facts.site, "path": facts.site}]
    if facts.terms.license and not facts.terms.with_text:
        name, url, _hub = LICENSES[facts.terms.license]
        made["licenses"] = [{"name": facts.terms.license, "path": url, "title": name}]
    return made


def _table(file: File, names: list[str]) -> dict[str, Any]:
    return {
        "name": "articles",
        "type": "table",
        "path": file.path,
        "scheme": "file",
        "format": "jsonl",
        "compression": "gz",
        "encoding": "utf-8",
        **_sums(file),
        "schema": {
            "fields": [_field(name, shapes()[name]) for name in names],
            "primaryKey": ["id"],
            "missingValues": [],  # null is one; an empty text is a text
        },
    }


def _field(name: str, shape: Shape) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "type": _TYPES[shape.kind], "description": shape.description}
    if not shape.nullable:
        made["constraints"] = {"required": True}
    return made


def _file(file: File) -> dict[str, Any]:
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in file.path.casefold()).strip("-")
    return {"name": name, "type": "file", "path": file.path, "mediatype": file.media, **_sums(file)}


def _sums(file: File) -> dict[str, Any]:
    return {"bytes": file.bytes, "hash": f"sha256:{file.sha256}"}
