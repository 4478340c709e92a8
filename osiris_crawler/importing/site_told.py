"""Which site files of other crawlers are of: the SPIP site with the most pages in them."""

from __future__ import annotations

from collections import Counter

from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _
from osiris_crawler.importing.examining import Host
from osiris_crawler.importing.staging import Staged
from osiris_crawler.settings import Settings
from osiris_crawler.site import profile
from osiris_crawler.site.profile import Site


def bound(settings: Settings, url: str) -> Site:
    if settings.profile is not None:
        return profile.bind(profile.load_file(settings.profile), url)
    return profile.for_url(url)


def _hosts(staged: list[Staged]) -> dict[str, Host]:
    """What all files together hold of each host, www and bare name as one under the name with more pages."""
    found: dict[str, Host] = {}
    for file in staged:
        for name, host in file.examined.hosts.items():
            into = found.setdefault(name, Host())
            into.answers += host.answers
            into.pages.update(host.pages)
            into.spip = into.spip or host.spip
    for name in sorted(found, key=lambda name: (found[name].pages.total(), name)):
        other = name.removeprefix("www.") if name.startswith("www.") else f"www.{name}"
        if other in found and other != name:
            host = found.pop(name)
            found[other].answers += host.answers
            found[other].pages.update(host.pages)
            found[other].spip = found[other].spip or host.spip
    return found


def told(staged: list[Staged]) -> str:
    """The SPIP site with the most HTML pages in the files."""
    hosts = _hosts(staged)
    found = [(host.pages.total(), name) for name, host in hosts.items() if host.spip]
    if not found:
        most = sorted(((host.pages.total(), name) for name, host in hosts.items()), reverse=True)[:3]
        shown = ", ".join(f"{name} ({count})" for count, name in most) or "–"
        raise UsageError(
            _("No page in the files was made by SPIP; most pages are of: %(hosts)s.") % {"hosts": shown},
            _("Say which site it is with --site URL."),
        )
    name = max(found)[1]
    schemes: Counter[str] = hosts[name].pages
    return f"{max(sorted(schemes), key=lambda scheme: schemes[scheme])}://{name}/"


def must_concern(site: Site, staged: list[Staged]) -> None:
    """Files without a single answer of the site were meant for another collection."""
    hosts = _hosts(staged)
    if not staged or any(name in hosts for host in site.hosts for name in (host, f"www.{host}", host.removeprefix("www."))):
        return
    shown = ", ".join(sorted(hosts, key=lambda name: -hosts[name].answers)[:3]) or "–"
    raise UsageError(
        _("The files hold nothing of %(site)s, but of: %(hosts)s.") % {"site": site.start_url, "hosts": shown},
        _("Choose another collection with -c NAME, or another site with --site URL."),
    )
