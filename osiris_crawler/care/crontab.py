"""Lines of a crontab for a plan. Cron hands a line to sh, but takes `%` for an end of line and `\\%` for a percent sign."""

from __future__ import annotations

import shlex

from osiris_crawler.care.scheduling import NO_FAILURE, WATCH_AT, Plan, offset
from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _

_LONGEST = 990  # bytes of a command: Debian's cron takes no more than 1,000
_CODE = "\0"


def text(plan: Plan, *, host: str) -> str:
    """The lines, with what has to be known of them."""
    name = plan.collection.name
    log = plan.collection.output / f"schedule-{name}.log"
    shift = offset(name, host, plan.delay)
    starts = [start + shift for start in plan.starts]
    hours = ",".join(str(hour) for hour in sorted({start // 60 % 24 for start in starts}))
    failed = _("The update of %(name)s ended with exit code %(code)s; see %(log)s.")
    stale = _("The collection %(name)s is too old, or can't be looked at (exit code %(code)s); see %(log)s.")
    words = {"name": name, "code": _CODE, "log": log}
    fine = "|".join(str(int(code)) for code in (0, *NO_FAILURE))
    update = _line(plan, plan.update, log=str(log), fine=fine, failed=_sentence(failed % words))
    watch = _line(plan, plan.watch, log=str(log), fine="0", failed=_sentence(stale % words), tell=plan.notify)
    for line in (update, watch):
        if len(line.encode()) > _LONGEST:
            raise UsageError(
                _("The paths are too long for a crontab line (%(count)d bytes).") % {"count": len(line.encode())},
                _("Give the folders shorter names, or take systemd."),
            )
    language = [f"OSIRIS_LANG={plan.language}"] if plan.language else []
    return "\n".join(
        [
            "# " + _("Osiris Crawler: the collection %(name)s. “crontab -e” takes these lines in.") % {"name": name},
            "# " + _("Errors are in %(log)s; what must not be missed is mailed to:") % {"log": log},
            "# MAILTO=you@example.org",
            "SHELL=/bin/sh",
            "PATH=/usr/local/bin:/usr/bin:/bin",
            *language,
            f"{starts[0] % 60} {hours} * * {0 if plan.weekly else '*'} {update}",
            f"{(WATCH_AT + shift) % 60} {(WATCH_AT + shift) // 60} * * * {watch}",
            "",
        ]
    )


def quoted(word: str) -> str:
    """A word for sh in a crontab. A percent sign stands outside of quotes: there the backslash that cron may leave is harmless,
    and none that is the word's own stands before it."""
    return r"\%".join(shlex.quote(part) if part else "" for part in word.split("%")) or "''"


def _line(plan: Plan, words: tuple[str, ...], *, log: str, fine: str, failed: str, tell: bool = False) -> str:
    run = f"cd {quoted(str(plan.folder))} && {{ date; {_command(words)}; }} >> {quoted(log)} 2>&1"
    said = f'said={failed}; echo "$said"' + (f'; {_command(plan.notice)} --text "$said"' if tell else "")
    return f"{run}; code=$?; case $code in {fine}) ;; *) {said};; esac"


def _command(words: tuple[str, ...]) -> str:
    return " ".join(map(quoted, words))


def _sentence(sentence: str) -> str:
    """A sentence as a word of sh, with the exit code in it."""
    before, after = sentence.split(_CODE)
    return quoted(before) + '"$code"' + quoted(after)
