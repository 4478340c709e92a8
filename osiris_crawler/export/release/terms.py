"""On what terms a release is given: with texts or not, on what basis, the licence of its metadata, who made it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from osiris_crawler.errors import UsageError
from osiris_crawler.i18n import _

# Licences for data, by their SPDX identifier: (name, address, identifier on the Hugging Face hub). A closed list, so that
# what is written is known to every reader and a slip of the pen is no licence.
LICENSES = {
    "CC0-1.0": ("CC0 1.0 Universal", "https://creativecommons.org/publicdomain/zero/1.0/", "cc0-1.0"),
    "PDDL-1.0": ("ODC Public Domain Dedication and License 1.0", "https://opendatacommons.org/licenses/pddl/1-0/", "pddl"),
    "CC-BY-4.0": ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/", "cc-by-4.0"),
    "CC-BY-SA-4.0": ("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/", "cc-by-sa-4.0"),
    "CC-BY-NC-4.0": ("CC BY-NC 4.0", "https://creativecommons.org/licenses/by-nc/4.0/", "cc-by-nc-4.0"),
    "CC-BY-NC-SA-4.0": ("CC BY-NC-SA 4.0", "https://creativecommons.org/licenses/by-nc-sa/4.0/", "cc-by-nc-sa-4.0"),
    "CC-BY-ND-4.0": ("CC BY-ND 4.0", "https://creativecommons.org/licenses/by-nd/4.0/", "cc-by-nd-4.0"),
    "CC-BY-NC-ND-4.0": ("CC BY-NC-ND 4.0", "https://creativecommons.org/licenses/by-nc-nd/4.0/", "cc-by-nc-nd-4.0"),
    "ODC-By-1.0": ("ODC Attribution License 1.0", "https://opendatacommons.org/licenses/by/1-0/", "odc-by"),
    "ODbL-1.0": ("ODC Open Database License 1.0", "https://opendatacommons.org/licenses/odbl/1-0/", "odbl"),
    "etalab-2.0": (
        "Licence Ouverte 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence/", "etalab-2.0",
    ),
}  # fmt: skip
_DOI = re.compile(r"10\.\d{4,9}/[A-Za-z0-9:/_;.()\[\]-]+", re.A)  # as CITATION.cff has it
_BEFORE_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.I)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator says; nothing of it is guessed. `license` is a key of LICENSES, `doi` begins with 10."""

    with_text: bool = False
    basis: str = ""
    license: str | None = None
    creators: tuple[str, ...] = ()
    doi: str | None = None

    @classmethod
    def of(
        cls, *, with_text: bool, basis: str | None, license: str | None, creators: Iterable[str], doi: str | None
    ) -> Terms:
        """As it was typed; UsageError for what can't be, and for text without a basis."""
        said = one_line(basis or "")
        if with_text and not said:
            raise UsageError(
                _("The texts are not the archive's to license: --with-text needs a basis."),
                _("Say with --basis TEXT on what ground they are given; it is printed in the release."),
            )
        if basis is not None and not with_text:
            raise UsageError(_("--basis says nothing without --with-text."), _("Without texts no basis is needed."))
        named = tuple(one_line(name) for name in creators)
        if not all(named):
            raise UsageError(
                _("--creator has no name in it."), _('Write --creator "Family, Given" or --creator "Institution".')
            )
        return cls(with_text, said, _license(license), named, _doi(doi))


def one_line(text: str) -> str:
    """A text without line ends and signs that no reader shows."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _license(text: str | None) -> str | None:
    if text is None:
        return None
    known = {name.casefold(): name for name in LICENSES}
    try:
        return known[text.strip().casefold()]
    except KeyError:
        raise UsageError(
            _("--license %(id)r is none of the licences for data that are known here.") % {"id": text},
            _("Known ones: %(known)s.") % {"known": ", ".join(LICENSES)},
        ) from None


def _doi(text: str | None) -> str | None:
    if text is None:
        return None
    bare = _BEFORE_DOI.sub("", text.strip(), count=1)
    if not _DOI.fullmatch(bare):
        raise UsageError(_("--doi %(doi)r is no DOI.") % {"doi": text}, _("Write it as 10.5281/zenodo.1234."))
    return bare
