"""osiris schedule: units of systemd or lines of a crontab that update a collection unattended; and a notice by hand."""

from __future__ import annotations

import getpass
import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from osiris_crawler.archive.description import hostname
from osiris_crawler.care import crontab, units
from osiris_crawler.care.keeping import existing, only_collection
from osiris_crawler.care.rebuilding import site_of
from osiris_crawler.care.scheduling import EVERY, NIGHT, Plan, Wish, plan
from osiris_crawler.commands import options
from osiris_crawler.crawl import notices
from osiris_crawler.crawl.politeness import is_loopback
from osiris_crawler.crawl.terminal import console
from osiris_crawler.errors import Exit, UsageError
from osiris_crawler.i18n import _, languages, ngettext
from osiris_crawler.paths import Collection, replace_file
from osiris_crawler.settings import SECRET, Settings, load

_HOME = {True: "/etc/systemd/system", False: "~/.config/systemd/user"}
_TELLS_ITSELF = frozenset(str(int(code)) for code in notices.ALWAYS)


def run(settings: Settings, kind: str, wish: Wish, *, system: bool, folder: Path | None, force: bool) -> int:
    """Print what is to be installed, or write it; gives the exit code."""
    output = settings.output.absolute()
    collection = existing(Collection(output, settings.collection or only_collection(output)))
    hints: list[str] = []
    found = _plan(settings, collection, wish, hints)
    if kind == "cron":
        texts = {f"osiris-{collection.name}.crontab": crontab.text(found, host=hostname())}
        hints.append(
            _("Cron does not catch up on what a sleeping machine missed; systemd's timers do, and anacron, once a day.")
        )
    else:
        texts = units.files(found, user=getpass.getuser() if system else None)
        hints += _installing(texts, system=system, folder=folder)
    written = _write(folder, texts, force=force) if folder is not None else []
    out = console(settings)
    if settings.json:
        files = [{"name": name, "text": text} for name, text in texts.items()]
        click.echo(json.dumps({"kind": kind, "files": files, "written": written, "notes": hints}, ensure_ascii=False))
    elif folder is None:
        home = "" if kind == "cron" else f"{_HOME[system]}/"
        click.echo("\n".join(f"# {home}{name}\n{text}" for name, text in texts.items()), nl=False)
    for path in written if not settings.json else ():
        out.print(_("Written: %(path)s") % {"path": path}, markup=False)
    for hint in hints if not settings.json else ():
        out.print(hint, style="yellow", markup=False)
    return int(Exit.DONE)


def _plan(settings: Settings, collection: Collection, wish: Wish, hints: list[str]) -> Plan:
    """The plan, by the settings that the job will see: the files', not those of this moment's environment."""
    job = load({"output": collection.output, "collection": collection.name}, {})
    extra: tuple[str, ...] = ()
    if job.contact is None and settings.contact is not None:
        extra = ("--contact", settings.contact)
    elif job.contact is None and not _on_loopback(collection):
        hints.append(
            _('The update will need your contact: put contact = "…" into %(file)s.') % {"file": _file(collection)}
        )
    unseen = _("%(name)s stands in the environment, where the job does not see it: put it into %(file)s.")
    hints += [
        unseen % {"name": f"OSIRIS_{name.upper()}", "file": _file(collection)}
        for name in SECRET
        if getattr(settings, name) and not getattr(job, name)
    ]
    if not job.notify and not job.ping:
        hints.append(_("Nobody is told when something goes wrong: set notify or ping (see the manual, “Unattended”)."))
    language = next((name[:2] for name in languages()), None)
    return plan(
        collection,
        wish,
        folder=Path.cwd(),
        own_limit=job.max_time,
        extra=extra,
        writes=(job.prometheus.absolute().parent,) if job.prometheus else (),
        notify=bool(job.notify),
        language=language if language == "fr" else None,
    )


def _on_loopback(collection: Collection) -> bool:
    try:
        return is_loopback(site_of(collection).start_url)
    except UsageError:  # nothing has been fetched yet
        return False


def _file(collection: Collection) -> Path:
    return collection.root / "osiris.toml"


def _installing(texts: Mapping[str, str], *, system: bool, folder: Path | None) -> list[str]:
    """What to type next."""
    systemctl = "systemctl" if system else "systemctl --user"
    timers = " ".join(name for name in texts if name.endswith(".timer"))
    steps = [f"{systemctl} daemon-reload", f"{systemctl} enable --now {timers}"]
    if not system:
        steps.append("loginctl enable-linger")
    begin = _("Write them with --to %(folder)s, then:") % {"folder": _HOME[system]} if folder is None else _("Then:")
    linger = [] if system else [_("(The last lets your timers run while you are not logged in.)")]
    return [" ".join([begin, *linger]), *(f"  {step}" for step in steps)]


def _write(folder: Path, texts: Mapping[str, str], *, force: bool) -> list[str]:
    """Write the files, all or none."""
    folder.mkdir(parents=True, exist_ok=True)
    there = [name for name in texts if (folder / name).exists() or (folder / name).is_symlink()]
    if there and not force:
        raise UsageError(
            _("These files are there already: %(names)s.") % {"names": ", ".join(str(folder / name) for name in there)},
            _("--force replaces them."),
        )
    for name, text in texts.items():
        replace_file(folder / name, text=text)
    return [str(folder / name) for name in texts]


# -- a notice by hand, and by the unit of OnFailure= ------------------------------------------------------------------------


def notice(settings: Settings, text: str | None, environment: Mapping[str, str]) -> int:
    """Send a notice to all that are configured: of the unit that failed, of `text`, or as a trial."""
    if not settings.notify:
        raise UsageError(
            _("No notice is configured."),
            _('Put notify = ["mailto://…"] into osiris.toml; the manual says more (“Unattended”).'),
        )
    unit, ended = environment.get("MONITOR_UNIT"), environment.get("MONITOR_EXIT_STATUS", "")
    if unit and unit.startswith("osiris-update-") and ended in _TELLS_ITSELF:
        return int(Exit.DONE)  # the run has told it, with more to say
    if unit:
        result = environment.get("MONITOR_SERVICE_RESULT", "?")
        body = _("The unit %(unit)s failed (%(result)s, %(ended)s).") % {"unit": unit, "result": result, "ended": ended}
        body += "\n" + _("Next: %(step)s") % {"step": f"journalctl -u {shlex.quote(unit)}, osiris status"}
    else:
        body = text or _("This is a trial: notices arrive.")
    name = settings.collection or "osiris"
    title = _("osiris: %(name)s on %(host)s") % {"name": name, "host": hostname()}
    problems = notices.send(settings.notify, title, body, bad=bool(unit or text))
    for problem in problems:
        click.echo(f"osiris: {problem}", err=True)
    if settings.json:
        click.echo(json.dumps({"sent": len(settings.notify) - len(problems), "problems": problems}, ensure_ascii=False))
    elif not problems:
        count = len(settings.notify)
        text = ngettext("Sent to %(count)d address.", "Sent to %(count)d addresses.", count)
        console(settings).print(text % {"count": count})
    return int(Exit.UNEXPECTED if problems else Exit.DONE)


@click.command(
    help=_(
        "Print units of systemd, or lines of a crontab, that update a collection unattended and watch that it stays fresh. "
        "“notice” sends a notice to those whom the settings name, for a trial."
    ),
    epilog=options.example(
        "osiris schedule systemd -c osiris --to ~/.config/systemd/user\nosiris schedule cron -c osiris --every 6h\n"
        "osiris schedule notice -c osiris"
    ),
)
@click.argument("kind", type=click.Choice(["systemd", "cron", "notice"]))
@options.collection
@click.option("--every", default="1d", show_default=True, metavar="TIME", help=", ".join(EVERY) + ".")
@click.option(
    "--window",
    metavar="FROM-TO",
    help=_("Hours in which runs begin and end. Default: %(night)s, none where --every is shorter than a day.")
    % {"night": NIGHT},
)
@click.option("--random-delay", metavar="TIME", help=_("Begin later by chance, at most so much. Default: 30m."))
@click.option("--max-age", metavar="TIME", help=_("Alarm when the newest capture is older. Default: 2d, for 7d 15d."))
@click.option("--system/--user", help=_("Units of the system, or your own (default)."))
@click.option("--to", "folder", type=click.Path(path_type=Path), metavar="DIR", help=_("Write the files there."))
@click.option("--force", is_flag=True, help=_("Replace files that are there."))
@click.option("--text", metavar="TEXT", help=_("What a notice says."))
@options.talk
def command(kind: str, system: bool, folder: Path | None, force: bool, text: str | None, **arguments: Any) -> int:
    wish = Wish(**{name: arguments.pop(name) for name in ("every", "window", "random_delay", "max_age")})
    settings = load(arguments)
    if text is not None and kind != "notice":
        raise UsageError(
            _("--text says nothing to %(kind)s.") % {"kind": kind}, _("“osiris schedule notice --text …” sends it.")
        )
    if kind == "notice":
        return notice(settings, text, os.environ)
    return run(settings, kind, wish, system=system, folder=folder, force=force)
