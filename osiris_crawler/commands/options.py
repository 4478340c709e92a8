"""Options that several commands take, said once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from osiris_crawler.i18n import _

Command = TypeVar("Command", bound=Callable[..., Any])
_TIME = re.compile(r"\d+(\.\d+)?[a-z]?", re.I)  # looks like a time, if a wrong one


def collection(command: Command) -> Command:
    """-o OUTPUT -c NAME"""
    command = click.option(
        "-c", "--collection", metavar="NAME", help=_("Name of the collection. Default: the site profile's name.")
    )(command)
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="OUTPUT",
        help=_("Where collections lie. Default: output."),
    )(command)


def talk(command: Command) -> Command:
    """--quiet --json"""
    command = click.option("--json", is_flag=True, default=None, help=_("Print one JSON object on stdout."))(command)
    return click.option("--quiet", is_flag=True, default=None, help=_("Print nothing but errors."))(command)


def budgets(command: Command) -> Command:
    """What a run may use up, and how long it waits for a line that is down."""
    for option in (
        click.option(
            "--patience", metavar="TIME", help=_("Wait so long for a line that is down, then exit with 5. Default: 6h.")
        ),
        click.option(
            "--min-free", metavar="SIZE", help=_("Stop when less than this is free on the disk. Default: 200MB.")
        ),
        click.option("--max-bytes", metavar="SIZE", help=_("Stop after so many bytes from the site: 500MB, 2GB.")),
        click.option("--max-time", metavar="TIME", help=_("Stop after this time: 90s, 15m, 8h, 2d.")),
        click.option("--max-requests", metavar="N", help=_("Stop after so many requests.")),
    ):
        command = option(command)
    return command


def asking(command: Command) -> Command:
    """How the site is asked, and by whom: --delay --concurrency --no-files --contact --profile"""
    for option in (
        click.option("--profile", type=click.Path(path_type=Path), metavar="FILE", help=_("A site profile of your own (TOML).")),
        click.option("--contact", metavar="ADDRESS", help=_("Who runs this crawl; goes into the User-Agent and the WARC files.")),
        click.option("--no-files", "files", flag_value=False, default=None, help=_("Leave out files, style sheets and pictures.")),
        click.option("--concurrency", metavar="N", help=_("Requests on their way at once. Default: 2.")),
        click.option("--delay", metavar="SECONDS", help=_("Between two requests; the larger of this and Crawl-delay counts.")),
    ):  # fmt: skip
        command = option(command)
    return command


def choice(command: Command) -> Command:
    """Which articles: --since --until --tag --section --outlet --no-duplicates"""
    for option in (
        click.option("--no-duplicates", is_flag=True, help=_("Of reprints only the first that the other options leave.")),
        click.option(
            "--outlet", multiple=True, metavar="NAME",
            help=_("Only those that it printed first, by the names of “osiris sources”.")
        ),
        click.option("--section", multiple=True, metavar="TITLE", help=_("Only those of this section or one below it.")),
        click.option(
            "--tag", multiple=True, metavar="NAME",
            help=_("Only those with this keyword, whole; case and accents don't count.")
        ),
        click.option("--until", metavar="DAY", help=_("Only articles up to this day.")),
        click.option("--since", metavar="DAY", help=_("Only articles from this day on: YYYY, YYYY-MM or YYYY-MM-DD.")),
    ):  # fmt: skip
        command = option(command)
    return command


def terms(command: Command) -> Command:
    """On what terms a release is given: --with-text --basis --license --creator --doi"""
    for option in (
        click.option("--doi", metavar="DOI", help=_("For release: its DOI, where one is reserved for it.")),
        click.option(
            "--creator", multiple=True, metavar="NAME",
            help=_("For release and bagit: who made it, “Family, Given” or an institution; as often as needed.")
        ),
        click.option(
            "--license", "license_id", metavar="ID",
            help=_("For release: licence of the metadata, by its SPDX identifier: CC0-1.0. Default: none is stated.")
        ),
        click.option(
            "--basis", metavar="TEXT", help=_("For release: on what ground texts are in it; printed in it.")
        ),
        click.option("--with-text", is_flag=True, help=_("For release: the texts, too. Needs --basis.")),
    ):  # fmt: skip
        command = option(command)
    return command


def log_json(command: Command) -> Command:
    """--log-json"""
    return click.option(
        "--log-json", is_flag=True, default=None, help=_("Write the log as JSON lines, too: crawl.jsonl beside crawl.log.")
    )(command)


def wait(command: Command) -> Command:
    """--wait [TIME]; the command is a `Waiting`."""
    return click.option(
        "--wait",
        metavar="[TIME]",
        help=_("Wait for another run of the collection to end, at most so long: 15m, 8h. Without it: exit with 4."),
    )(command)


class Waiting(click.Command):
    """A command with `--wait`, whose TIME may be left out before an address: `--wait https://…` waits without limit."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        told = list(args)
        for i in reversed([i for i in range(end) if args[i] == "--wait"]):
            timed = i + 1 < end and _TIME.fullmatch(args[i + 1])
            told[i : i + 1 + bool(timed)] = [f"--wait={args[i + 1] if timed else 'true'}"]
        return super().parse_args(ctx, told)


def example(text: str) -> str:
    """An example, as every command's help ends with."""
    return "\b\n" + _("Example:") + "\n" + "\n".join(f"  {line}" for line in text.splitlines())
