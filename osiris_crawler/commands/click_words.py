"""click's own sentences, in the language of ours.

click asks the gettext domain of the process for them. Ours becomes that domain, and they are named here so that they are in
our catalogue: those that `osiris` can show, in the words of click 8.5. What another version words otherwise is shown in English.
"""

from __future__ import annotations

import gettext
import os

from osiris_crawler.i18n import DOMAIN, LOCALE, _, languages, ngettext


def speak() -> None:
    """Let click speak as we do. gettext has no other way to be told of a language than the environment."""
    if gettext.find(DOMAIN, str(LOCALE), languages()) is None:
        return
    os.environ["LANGUAGE"] = ":".join(languages())
    gettext.bindtextdomain(DOMAIN, str(LOCALE))
    gettext.textdomain(DOMAIN)


def sentences() -> tuple[str, ...]:
    """What click says, as `make messages` gathers it; of one that has a plural the form for two."""
    return (
        # help
        _("Usage:"),
        _("Options"),
        _("Show this message and exit."),
        _("Show the version and exit."),
        _("%(prog)s, version %(version)s"),
        # what is lacking, or too much
        _("Missing argument"),
        _("Missing option"),
        _("Missing parameter"),
        _("Missing command."),
        _("No such option {name!r}."),
        ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", 2),
        ngettext("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", 2),
        ngettext("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", 2),
        _("Option {name!r} does not take a value."),
        # what can't be
        _("Invalid value: {message}"),
        _("Invalid value for {param_hint}: {message}"),
        _("{value!r} is not a valid {number_type}."),
        _("{value} is not in the range {range}."),
        ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", 2),
        _("file"),
        _("directory"),
        _("path"),
        _("{name} {filename!r} does not exist."),
        _("{name} {filename!r} is a file."),
        _("{name} {filename!r} is a directory."),
        _("{name} {filename!r} is not readable."),
        _("{name} {filename!r} is not writable."),
    )
