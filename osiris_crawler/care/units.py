"""systemd's units for a plan: a timer and a service for the update, the same for the job that watches it, and a notice.

systemd reads command lines in a way of its own (systemd.service(5), “Command lines”; systemd.syntax(7), “Quoting”): words in
double quotes with backslashes, `%` doubled everywhere, `$` for variables unless a colon stands before the command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from osiris_crawler.care.scheduling import NO_FAILURE, WATCH_AT, Plan
from osiris_crawler.i18n import _

_BARE = re.compile(r"[A-Za-z0-9@+=:,./_-]+")
_UNSAFE = re.compile(r"[\"'\\]")  # systemd runs no program whose path has one of these
_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
_TEMPORARY = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108


def files(plan: Plan, *, user: str | None) -> dict[str, str]:
    """Names and texts of the units. `user`: the account that units of the system run as; None for a user's own units."""
    name = plan.collection.name
    update, watch, notice = f"osiris-update-{name}", f"osiris-watch-{name}", f"osiris-notice-{name}"
    told = [f"OnFailure={notice}.service"] if plan.notify else []
    online = ["Wants=network-online.target", "After=network-online.target"] if user is not None else []
    longest = "infinity" if plan.longest is None else f"{plan.longest}min"
    found = {
        f"{update}.service": _unit(
            Unit=[_described(_("Osiris Crawler: update of the collection %(name)s"), name), *online, *told],
            Service=[
                "Type=oneshot",
                f"ExecStart={command(plan.update)}",
                *_surroundings(plan, user),
                f"SuccessExitStatus={' '.join(str(int(code)) for code in NO_FAILURE)}",
                f"TimeoutStartSec={longest}",
                "KillMode=mixed",
                "KillSignal=SIGTERM",
                "TimeoutStopSec=2min",
                "Nice=10",
                "IOSchedulingClass=best-effort",
                "IOSchedulingPriority=7",
                *_hardening(plan),
            ],
        ),
        f"{update}.timer": _unit(
            Unit=[_described(_("Osiris Crawler: when the collection %(name)s is updated"), name)],
            Timer=[
                f"OnCalendar={_calendar(plan.starts, weekly=plan.weekly)}",
                f"RandomizedDelaySec={plan.delay}min",
                "Persistent=true",
            ],
            Install=["WantedBy=timers.target"],
        ),
        f"{watch}.service": _unit(
            Unit=[
                _described(_("Osiris Crawler: whether the collection %(name)s is fresh"), name),
                f"After={update}.service",
                *told,
            ],
            Service=[
                "Type=oneshot",
                # A machine that wakes up runs both timers: the update comes first, however late its random delay makes it.
                f"ExecStartPre=sleep {60 * plan.delay + 300}",
                f"ExecStart={command(plan.watch)}",
                *_surroundings(plan, user),
                "Nice=10",
                *_hardening(plan),
            ],
        ),
        f"{watch}.timer": _unit(
            Unit=[_described(_("Osiris Crawler: when the freshness of the collection %(name)s is looked at"), name)],
            Timer=[f"OnCalendar={_calendar((WATCH_AT,), weekly=False)}", "Persistent=true"],
            Install=["WantedBy=timers.target"],
        ),
    }
    if plan.notify:
        found[f"{notice}.service"] = _unit(
            Unit=[_described(_("Osiris Crawler: notice that a job of the collection %(name)s failed"), name), *online],
            Service=[
                "Type=oneshot",
                f"ExecStart={command(plan.notice)}",
                *_surroundings(plan, user),
                "TimeoutStartSec=5min",
                *_hardening(plan),
            ],
        )
    return found


def command(words: Iterable[str]) -> str:
    """A command line as ExecStart= takes it."""
    words = list(words)
    if _UNSAFE.search(words[0]):
        words = ["/bin/sh", "-c", 'exec "$0" "$@"', *words]
    colon = ":" if any("$" in word for word in words) else ""
    return colon + " ".join(map(quoted, words))


def quoted(word: str) -> str:
    """A word as systemd takes one apart again."""
    word = word.replace("%", "%%")
    if _BARE.fullmatch(word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _unit(**sections: list[str]) -> str:
    return "\n".join(f"[{title}]\n" + "".join(f"{line}\n" for line in lines) for title, lines in sections.items())


def _described(sentence: str, name: str) -> str:
    return "Description=" + (sentence % {"name": name}).replace("%", "%%")


def _calendar(starts: Iterable[int], *, weekly: bool) -> str:
    """Minutes of the day, an hour or more apart, as systemd.time(7) has them."""
    minute = {start % 60 for start in starts}.pop()
    hours = ",".join(f"{start // 60:02}" for start in sorted(starts))
    return f"{'Sun ' if weekly else ''}*-*-* {hours}:{minute:02}:00"


def _surroundings(plan: Plan, user: str | None) -> list[str]:
    folder = str(plan.folder).replace("%", "%%")
    if folder[-1] in "\\ ":
        folder += "/"  # an end of line that a backslash joins to the next, or a space that is taken off
    return [
        f"WorkingDirectory={folder}",
        *([f"User={user}"] if user else []),
        *([f"Environment=OSIRIS_LANG={plan.language}"] if plan.language else []),
    ]


def _hardening(plan: Plan) -> list[str]:
    """Nothing but the collection can be written; what is needed stays in sight."""
    written = [quoted(str(plan.collection.root)), *(quoted(f"-{path}") for path in plan.writes)]
    at_home = any(path.is_relative_to(home) for path in plan.paths for home in _HOMES)
    in_temporary = any(path.is_relative_to(place) for path in plan.paths for place in _TEMPORARY)
    if in_temporary:
        written += map(str, _TEMPORARY)  # a /tmp of its own would hide what is needed
    return [
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        f"ReadWritePaths={' '.join(written)}",
        f"ProtectHome={'read-only' if at_home else 'yes'}",
        *([] if in_temporary else ["PrivateTmp=yes"]),
        "RestrictSUIDSGID=yes",
        "LockPersonality=yes",
        "RestrictAddressFamilies=AF_UNIX AF_NETLINK AF_INET AF_INET6",
    ]
