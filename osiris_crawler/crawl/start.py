"""Whether a walk's first page is one of a SPIP site: a mistyped address is said at once, before it costs requests."""

from __future__ import annotations

from osiris_crawler.archive.http import HttpMessage
from osiris_crawler.i18n import _
from osiris_crawler.ledger.intake import decoded
from osiris_crawler.ledger.page import Page
from osiris_crawler.site.profile import Site
from osiris_crawler.site.recognise import is_spip

_LOOKED_AT = 2_000_000  # bytes of the page in which SPIP's signs are looked for


def start_problem(page: Page, head: HttpMessage, site: Site, *, described: bool) -> str | None:
    """What is wrong with a start page, with the next step; None when a walk may begin there.

    `described`: the operator gave a profile for the site, so that it need not be recognised.
    """
    hint = _("Give the address of the site's home page.")
    if head.status != 200:
        return _("The start page %(url)s answers %(status)d.") % {"url": page.url, "status": head.status} + f" {hint}"
    if page.reading.kind == "file":
        return _("The start page %(url)s is no web page.") % {"url": page.url} + f" {hint}"
    if page.reading.kind == "soft404":
        problem = _("The start page %(url)s does not exist: the site shows another page for it.") % {"url": page.url}
        return f"{problem} {hint}"
    if described or site.name != "spip":
        return None
    text = decoded(head)[:_LOOKED_AT].decode("utf-8", "replace")
    if is_spip(dict(head.text_headers()), text, page.url).sure:
        return None
    return (
        _("%(url)s is not recognised as a SPIP site.") % {"url": page.url}
        + " "
        + _("If it is one, describe it in a profile and give that with --profile FILE.")
    )
