"""Settings of a run: command line > environment > osiris.toml > the site's profile > defaults."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _

FILE = "osiris.toml"
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is asked to do. None stands for “as the site's profile says”."""

    output: Path = Path("output")
    collection: str | None = None
    url: str | None = None
    profile: Path | None = None
    contact: str | None = None
    permission: str | None = None
    section: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    limit: int | None = None
    max_requests: int | None = None
    max_time: float | None = None
    delay: float | None = None
    concurrency: int = 2
    timeout: float = 60.0
    warc_size: int = 1_000_000_000
    files: bool = True
    text: bool = False
    dry_run: bool = False
    quiet: bool = False
    json: bool = False


def load(command_line: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> Settings:
    """Gather the settings of a run; UsageError names what can't be used and where it was said."""
    environ = os.environ if environment is None else environment
    given = {name: value for name, value in command_line.items() if value is not None and value != ()}
    settings = Settings()
    from_environment = {
        field.name: environ[f"OSIRIS_{field.name.upper()}"]
        for field in fields(Settings)
        if environ.get(f"OSIRIS_{field.name.upper()}")
    }
    output = Path(given.get("output") or from_environment.get("output") or settings.output)
    name = given.get("collection") or from_environment.get("collection")
    for path in (Path(FILE), output / "collections" / name / FILE if name else None):
        if path is not None and path.is_file():
            settings = _apply(settings, _read_file(path), str(path))
    settings = _apply(settings, from_environment, _("the environment"))
    return _apply(settings, given, _("the command line"))


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise UsageError(
            _("The settings file %(path)s can't be read: %(why)s.") % {"path": path, "why": problem},
            _("Mend it or remove it."),
        ) from problem


def _apply(settings: Settings, values: Mapping[str, Any], where: str) -> Settings:
    known = {field.name: field.type for field in fields(Settings)}
    changes: dict[str, Any] = {}
    for raw, value in values.items():
        name = raw.replace("-", "_")
        if name not in known:
            near = get_close_matches(name, known, n=3)
            raise UsageError(
                _("%(where)s names a setting that does not exist: %(name)s.") % {"where": where, "name": raw},
                _("Near ones: %(near)s.") % {"near": ", ".join(near)} if near else "",
            )
        try:
            changes[name] = _convert(name, str(known[name]), value)
        except ValueError as problem:
            raise UsageError(
                _("%(where)s: %(name)s can't be %(value)r.") % {"where": where, "name": raw, "value": value},
                str(problem),
            ) from problem
    return replace(settings, **changes)


def _convert(name: str, kind: str, value: Any) -> Any:
    if name in ("since", "until"):
        return day(str(value), last=name == "until")
    if name == "max_time":
        return seconds(value)
    if "tuple" in kind:
        return tuple(value) if isinstance(value, list | tuple) else (str(value),)
    if "Path" in kind:
        return Path(value)
    if "bool" in kind:
        if isinstance(value, bool):
            return value
        if str(value).casefold() not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
            raise ValueError(_("Write true or false."))
        return str(value).casefold() in ("1", "true", "yes", "on")
    if "int" in kind or "float" in kind:
        try:
            number = int(value) if "int" in kind else float(value)
        except (TypeError, ValueError) as problem:
            raise ValueError(_("Write a number.")) from problem
        least = 1 if name in ("concurrency", "limit", "max_requests", "timeout") else 0
        if not least <= number < 10**15:
            raise ValueError(_("Write a number from %(least)d on.") % {"least": least})
        return number
    return str(value)


def day(text: str, *, last: bool = False) -> str:
    """A day from YYYY, YYYY-MM or YYYY-MM-DD: the first of the span, or its last; ValueError when it is none."""
    if not _DAY.fullmatch(text):
        raise ValueError(_("Write a day as YYYY-MM-DD, a month as YYYY-MM or a year as YYYY."))
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else (12 if last else 1)
    try:
        if len(parts) == 3:
            return date(*parts).isoformat()
        first = date(year, month, 1)
        if not last:
            return first.isoformat()
        following = date(year + month // 12, month % 12 + 1, 1)
        return (following - timedelta(days=1)).isoformat()
    except ValueError as problem:
        raise ValueError(_("There is no such day.")) from problem


def seconds(value: Any) -> float:
    """A span of time from a number of seconds or 90s, 15m, 8h, 2d; ValueError when it is none."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhd]?)", str(value).strip())
    if match is None or float(match[1]) <= 0:
        raise ValueError(_("Write a time as 90s, 15m, 8h or 2d."))
    return float(match[1]) * _UNITS[match[2] or "s"]
