"""The table of formats. A new one is a small class with the face of `job.Format`, and a line here."""

from __future__ import annotations

from difflib import get_close_matches

from osiris_crawler.errors import UsageError
from osiris_crawler.export.job import Format
from osiris_crawler.export.markdown import MarkdownFiles
from osiris_crawler.export.wacz import Wacz
from osiris_crawler.i18n import _

FORMATS: dict[str, Format] = {made.name: made for made in (Wacz(), MarkdownFiles())}


def named(name: str) -> Format:
    """A format by its name; UsageError with near ones when there is none of it."""
    found = FORMATS.get(name.casefold())
    if found is None:
        near = get_close_matches(name.casefold(), FORMATS, n=2, cutoff=0.5) or sorted(FORMATS)
        raise UsageError(
            _("There is no export format %(name)r.") % {"name": name},
            _("Near ones: %(near)s.") % {"near": ", ".join(near)},
        )
    return found
