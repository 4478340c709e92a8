"""The `osiris` command: a table of commands, and the one place where failures become sentences and exit codes."""

from __future__ import annotations

import importlib
import json
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import click

from osiris_crawler import __version__
from osiris_crawler.commands import click_words
from osiris_crawler.errors import Exit, OsirisError
from osiris_crawler.i18n import _

# Command name = module name in osiris_crawler.commands, in the groups that `osiris --help` shows.
GROUPS: dict[str, tuple[str, ...]] = {
    _("Begin"): ("demo", "probe"),
    _("Collect"): ("crawl", "update", "import"),
    _("Look after"): ("status", "report", "audit", "verify", "mend", "rebuild", "restrict", "schedule"),
    _("Deliver"): ("export", "sample"),
    _("Read"): ("show", "history", "cite", "sources", "duplicates", "stats", "browse", "replay"),
    _("Develop"): ("savecase",),
}
SIBLINGS = ("spiders", "pipelines")
click_words.speak()  # before a command is made: some of its sentences click takes then


class Osiris(click.Group):
    """Commands are imported when they are asked for, so that `--help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for names in GROUPS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"osiris_crawler.commands.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in GROUPS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl([(name, found.get_short_help_str(80)) for name, found in commands if found])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), n=2)
            hint = " " + _("Did you mean: %(near)s?") % {"near": ", ".join(near)} if near else ""
            raise click.UsageError(_("There is no command %(name)r.") % {"name": args[0]} + hint, ctx) from None


@click.group(
    cls=Osiris,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=_("Archive a SPIP press site: every byte in WARC files, every article in a dataset."),
)
@click.version_option(__version__, prog_name="osiris")
def cli() -> None:
    """The group itself does nothing."""


def check_siblings() -> None:
    """`spiders` and `pipelines` are common names: another distribution's must not run in place of ours."""
    here = Path(__file__).resolve().parent.parent
    for name in SIBLINGS:
        module = importlib.import_module(name)
        found = Path(module.__file__ or "").resolve().parent
        if found.parent != here:
            raise OsirisError(
                _("The package “%(name)s” at %(path)s is not this program's.") % {"name": name, "path": found},
                _(
                    "Another distribution in this environment has the same name; install osiris-crawler in one of its own."
                ),
            )


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code; bad input gets one line, a traceback is a bug."""
    args = sys.argv[1:] if arguments is None else arguments
    try:
        check_siblings()
        code: Any = cli.main(args=args, prog_name="osiris", standalone_mode=False)
        sys.exit(int(code or 0))
    except OsirisError as problem:
        say(str(problem), args, int(problem.exit))
    except click.exceptions.Abort:
        say(_("Interrupted."), args, int(Exit.INTERRUPTED))
    except KeyboardInterrupt:
        say(_("Interrupted."), args, int(Exit.INTERRUPTED))
    except click.ClickException as problem:
        hint = _("“%(command)s --help” shows how.") % {"command": problem.ctx.command_path} if _context(problem) else ""  # type: ignore[attr-defined]
        say(f"{problem.format_message()} {hint}".strip(), args, int(Exit.USAGE))
    except BrokenPipeError:
        # The reader of our output has gone; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(int(Exit.UNEXPECTED))
    except sqlite3.DatabaseError as problem:
        step = _("“osiris rebuild” makes it anew from the WARC files.")
        say(_("The ledger can't be read: %(why)s.") % {"why": problem} + f" {step}", args, int(Exit.INTEGRITY))
    except OSError as problem:
        where = f" ({problem.filename})" if problem.filename else ""
        say(f"{problem.strerror or problem}{where}", args, int(Exit.UNEXPECTED))


def _context(problem: click.ClickException) -> bool:
    return getattr(problem, "ctx", None) is not None


def say(sentence: str, args: list[str], code: int) -> None:
    """One line on stderr, and with --json an object on stdout; then leave."""
    click.echo(f"osiris: {sentence}", err=True)
    if "--json" in args:
        try:
            click.echo(json.dumps({"exit": code, "error": sentence}, ensure_ascii=False))
        except OSError:  # it may be stdout itself that can't be written
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
