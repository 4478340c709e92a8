"""How a release is cited: datacite.json (DataCite 4.6) and CITATION.cff (1.2.0)."""

from __future__ import annotations

import json
from typing import Any

from osiris_crawler.export.release.facts import RIGHTS, Facts
from osiris_crawler.export.release.terms import LICENSES

_UNNAMED = ":unav"  # DataCite's word for a value that is not there
_SPDX = "https://spdx.org/licenses/"


def people(facts: Facts) -> list[dict[str, str]]:
    """Creators for schema.org; those who keep the collection when none is named."""
    found = []
    for name in facts.terms.creators or (_keepers(facts),):
        family, _comma, given = name.partition(", ")
        if given:
            found.append({"@type": "sc:Person", "name": f"{given} {family}", "familyName": family, "givenName": given})
        else:
            found.append({"@type": "sc:Organization", "name": name})
    return found


def citation(facts: Facts) -> str:
    """In one line, as a list of references has it."""
    names = "; ".join(facts.terms.creators) or _keepers(facts)
    where = f"https://doi.org/{facts.terms.doi}" if facts.terms.doi else facts.site
    return f"{names} ({facts.day[:4]}). {facts.title}, version {facts.version} [data set]." + (
        f" {where}" if where else ""
    )


def datacite(facts: Facts) -> dict[str, Any]:
    """Mandatory properties and what is known of the others. Without --doi and --creator these are for the repository."""
    terms = facts.terms
    rights: list[dict[str, str]] = []
    if terms.license:
        name, url, _hub = LICENSES[terms.license]
        rights.append(
            {
                "rights": f"Metadata: {name}",
                "rightsUri": url,
                "rightsIdentifier": terms.license,
                "rightsIdentifierScheme": "SPDX",
                "schemeUri": _SPDX,
            }
        )
    else:
        rights.append({"rights": facts.license_told})
    rights += [{"rights": text} for text in (RIGHTS, facts.basis_told) if text]
    made: dict[str, Any] = {"doi": terms.doi} if terms.doi else {}
    made |= {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Dataset", "resourceType": "Records of a press archive"},
        "creators": [_creator(name) for name in terms.creators] or [{"name": _UNNAMED}],
        "titles": [{"title": facts.title}],
        "publisher": {"name": _UNNAMED},
        "publicationYear": facts.day[:4],
        "dates": [
            {"date": f"{facts.figures.oldest[:10]}/{facts.day}", "dateType": "Collected"},
            {"date": facts.day, "dateType": "Issued", "dateInformation": "day of the newest capture"},
        ],
        "version": facts.version,
        "sizes": [f"{facts.figures.articles} articles", f"{sum(file.bytes for file in facts.files)} bytes"],
        "formats": sorted({file.media for file in facts.files}),
        "rightsList": rights,
        "descriptions": [{"description": facts.abstract, "descriptionType": "Abstract"}],
        "subjects": [{"subject": word} for word in ("press", "web archive", "SPIP")],
    }
    if codes := facts.figures.codes():
        made["language"] = codes[0]
    if facts.site:
        made["relatedIdentifiers"] = [
            {"relatedIdentifier": facts.site, "relatedIdentifierType": "URL", "relationType": "IsDerivedFrom"}
        ]
    return made


def cff(facts: Facts) -> str:
    """CITATION.cff; a string of JSON is one of YAML where all signs in it can be printed, and they can."""
    terms = facts.terms
    lines = [
        "cff-version: 1.2.0",
        "type: dataset",
        "message: If you use this data set, please cite it as below.",
        f"title: {quoted(facts.title)}",
        f"abstract: {quoted(' '.join(part for part in (facts.abstract, RIGHTS, facts.license_told, facts.basis_told) if part))}",
        "authors:",
    ]
    for name in terms.creators or (_keepers(facts),):
        family, _comma, given = name.partition(", ")
        if given:
            lines += [f"  - family-names: {quoted(family)}", f"    given-names: {quoted(given)}"]
        else:
            lines.append(f"  - name: {quoted(name)}")
    lines += [f"version: {quoted(facts.version)}", f"date-released: {quoted(facts.day)}"]
    if terms.doi:
        lines.append(f"doi: {quoted(terms.doi)}")
    if facts.site:
        lines.append(f"url: {quoted(facts.site)}")
    if terms.license and not terms.with_text:  # a licence here is one of everything
        lines.append(f"license: {terms.license}")
    return "\n".join([*lines, "keywords:", "  - press", "  - SPIP", "  - web archive", ""])


def quoted(text: str) -> str:
    """A text of printable signs as a string of JSON and of YAML."""
    return json.dumps(text, ensure_ascii=False)


def _creator(name: str) -> dict[str, str]:
    family, _comma, given = name.partition(", ")
    if not given:
        return {"name": name, "nameType": "Organizational"}
    return {"name": name, "nameType": "Personal", "familyName": family, "givenName": given}


def _keepers(facts: Facts) -> str:
    return f"Keepers of the collection {facts.name}"
