"""Sentences for people, in English and French, by gettext.

The language is taken once, at import: ``OSIRIS_LANG``, else the locale (``LC_ALL``, ``LC_MESSAGES``, ``LANG``).
Write every sentence for people as ``_("...")`` with named ``%(name)s`` or ``{name}`` fields, never as an f-string.
"""

from __future__ import annotations

import gettext
import os
from pathlib import Path

DOMAIN = "osiris"
LOCALE = Path(__file__).parent / "locale"


def languages() -> list[str]:
    """Languages asked for by the environment, best first."""
    for name in ("OSIRIS_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "").split(".")[0]
        if value:
            return [value, value.split("_")[0]]
    return []


_catalogue = gettext.translation(DOMAIN, LOCALE, languages=languages() or ["en"], fallback=True)
_ = _catalogue.gettext
ngettext = _catalogue.ngettext
COLON, SEMICOLON = _(": "), _("; ")  # between a name and what is told of it, and between two of these; French has a space before
