"""Whether a page was made by SPIP: several signs, any strong one is enough."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_STRONG = (
    ("generator", re.compile(r"<meta[^>]+generator[^>]+SPIP", re.I)),
    ("spip.php", re.compile(r"""(?:href|action|src)=["'][^"'>]{0,200}spip\.php\?""", re.I)),
)
_WEAK = (
    ("spip classes", re.compile(r"""class=["'][^"'>]{0,200}\bspip""", re.I)),
    ("IMG/", re.compile(r"""(?:href|src)=["'][^"'>]{0,200}\bIMG/""")),
    ("local/cache", re.compile(r"""(?:href|src)=["'][^"'>]{0,200}\blocal/cache-""")),
    ("squelettes", re.compile(r"""(?:href|src)=["'][^"'>]{0,200}\bsquelettes""")),
    ("section addresses", re.compile(r"""href=["'][^"'>]{0,200}/?-[^"'>/]{1,120}-(?:\.html)?["'?#]""")),
    ("keyword addresses", re.compile(r"""href=["'][^"'>]{0,200}\+-[^"'>/]{1,120}-\+(?:\.html)?["'?#]""")),
    ("backend", re.compile(r"""href=["'][^"'>]{0,200}(?:page=backend|backend\.html)""")),
)
_VERSION = re.compile(r"SPIP (\d[\w.]{0,20})")


@dataclass(frozen=True, slots=True)
class Recognition:
    """The signs found; `sure` when one is strong or two are weak."""

    evidence: list[str] = field(default_factory=list)
    sure: bool = False
    version: str | None = None


def is_spip(headers: Mapping[str, str], html: str, url: str) -> Recognition:
    """Look for SPIP's marks in headers and markup (SITE, sections 2, 3 and 6)."""
    lower = {name.lower(): value for name, value in headers.items()}
    found: list[str] = []
    strong = False
    composed = lower.get("composed-by", "")
    if "SPIP" in composed:
        found.append("Composed-By")
        strong = True
    if "x-spip-cache" in lower:
        found.append("X-Spip-Cache")
        strong = True
    for name, pattern in _STRONG:
        if pattern.search(html):
            found.append(name)
            strong = True
    weak = [name for name, pattern in _WEAK if pattern.search(html)]
    version = _VERSION.search(composed) or _VERSION.search(html)
    return Recognition(found + weak, strong or len(weak) >= 2, version[1] if version else None)
