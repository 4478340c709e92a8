"""What an export says of itself: whose articles they are, where they come from, and what may not be done with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from osiris_crawler import __version__
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.errors import UsageError
from osiris_crawler.export.job import Job
from osiris_crawler.i18n import _
from osiris_crawler.paths import Collection
from osiris_crawler.record import json_schema

RIGHTS = "Texts, pictures and documents belong to their authors and publishers; this file grants no licence to them."


def about(collection: Collection, title: str | None = None, description: str | None = None) -> dict[str, str]:
    """What a table says of itself, in its footer: the same for the same collection."""
    told = {
        "title": title or collection.name,
        "description": description or "",
        "source": source_of(collection),
        "rights": RIGHTS,
        "software": f"osiris-crawler {__version__}",
        "schema": f"sha256:{hashlib.sha256(json.dumps(json_schema(), sort_keys=True).encode()).hexdigest()}",
    }
    return {f"osiris.{name}": value for name, value in told.items() if value}


def source_of(collection: Collection) -> str:
    """The site's address; nothing when no file of ours says which site it is."""
    try:
        return site_of(collection).start_url
    except UsageError:
        return ""


def readme(aside: Path, job: Job, told: str, files: Iterable[tuple[str, str]]) -> None:
    """README.md of a folder of texts; `files` are names in it and what they hold."""
    site = source_of(job.collection)
    head = [f"# {job.title or job.collection.name}", job.description, told]
    if site:
        head.append(_("From the archive of %(site)s.") % {"site": site})
    rows = "\n".join(f"- `{name}`: {what}" for name, what in files)
    rights = _(
        "The texts belong to their authors and publishers: this folder grants no licence to them. A text is cited by its newspaper and "
        "date; “osiris cite” writes the reference, with the capture that proves it."
    )
    made = _("Made on %(day)s by %(software)s.") % {
        "day": job.created.strftime("%Y-%m-%d"), "software": f"osiris-crawler {__version__}",
    }  # fmt: skip
    parts = [*head, rows, rights, made]
    (aside / "README.md").write_text("\n\n".join(part for part in parts if part) + "\n", "utf-8")
