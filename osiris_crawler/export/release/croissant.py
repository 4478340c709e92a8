"""croissant.json: Croissant 1.0, with the record's fields and the sum of every file of data."""

from __future__ import annotations

from typing import Any

from osiris_crawler.export.release.citing import citation, people
from osiris_crawler.export.release.facts import Facts
from osiris_crawler.export.release.terms import LICENSES
from osiris_crawler.export.shapes import Kind, Shape, shapes

# The context that the specification prints; readers compare with it.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{
        name: f"cr:{name}"
        for name in (
            "extract", "field", "fileProperty", "fileObject", "fileSet", "format", "includes", "isLiveDataset", "jsonPath",
            "key", "md5", "parentField", "path", "recordSet", "references", "regex", "repeated", "replace", "samplingRate",
        )
    },
    "sc": "https://schema.org/",
    **{name: f"cr:{name}" for name in ("separator", "source", "subField", "transform")},
}  # fmt: skip
_TYPES = {Kind.TEXT: "sc:Text", Kind.NUMBER: "sc:Integer", Kind.DAY: "sc:Date", Kind.INSTANT: "sc:DateTime"}
_SET = "tables"
_MEDIA = "application/x-parquet"  # the name that Croissant's readers know it by


def croissant(facts: Facts) -> dict[str, Any]:
    """The description as JSON-LD. The set of tables lies beside it: to readers, what is contained in a file is an archive's."""
    objects = [
        {
            "@type": "cr:FileObject",
            "@id": file.path,
            "name": file.path,
            "contentUrl": file.path,
            "contentSize": f"{file.bytes} B",
            "encodingFormat": _MEDIA if file in facts.tables else file.media,
            "sha256": file.sha256,
        }
        for file in (*facts.tables, facts.lines)
    ]
    tables = {
        "@type": "cr:FileSet",
        "@id": _SET,
        "name": _SET,
        "description": "The articles, a Parquet file a year.",
        "encodingFormat": _MEDIA,
        "includes": "data/*.parquet",
    }
    records = {
        "@type": "cr:RecordSet",
        "@id": "articles",
        "name": "articles",
        "description": "One article of a SPIP press archive, in its newest version.",
        "key": {"@id": "articles/id"},
        "field": [_field(f"articles/{name}", name, name, shapes()[name]) for name in facts.names],
    }
    made = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": facts.name,
        "alternateName": facts.title,
        "description": facts.abstract,
        "url": f"https://doi.org/{facts.terms.doi}" if facts.terms.doi else facts.site,
        "license": _license(facts),
        "creator": people(facts),
        "version": facts.version,
        "datePublished": facts.day,
        "citeAs": citation(facts),
        "inLanguage": facts.figures.codes(),
        "keywords": ["press", "SPIP", "web archive"],
        "isLiveDataset": False,
        "distribution": [*objects, tables],
        "recordSet": [records],
    }
    return {name: value for name, value in made.items() if value not in ("", [])}


def _license(facts: Facts) -> str | dict[str, str]:
    """The licence's address where it holds for all that is in it; else what there is to say."""
    if facts.terms.license and not facts.terms.with_text:
        return LICENSES[facts.terms.license][1]
    return " ".join(part for part in (facts.license_told, facts.basis_told) if part)


def _field(id: str, name: str, column: str, shape: Shape, path: str = "") -> dict[str, Any]:
    """A field; one of a struct is a sub-field, taken out of the struct's column by its path."""
    inner = shape.item if shape.item is not None else shape
    source: dict[str, Any] = {"fileSet": {"@id": _SET}, "extract": {"column": column}}
    if path:
        source["transform"] = {"jsonPath": path}
    made: dict[str, Any] = {"@type": "cr:Field", "@id": id, "name": id}
    if shape.description:
        made["description"] = shape.description
    if shape.kind is Kind.LIST:
        made["repeated"] = True
    if inner.kind is Kind.STRUCT:
        made["subField"] = [_field(f"{id}/{part}", part, column, one, part) for part, one in inner.parts.items()]
    else:
        made |= {"dataType": _TYPES[inner.kind], "source": source}
    return made
