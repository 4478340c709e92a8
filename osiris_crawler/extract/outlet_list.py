"""The authority list as data: outlets.toml beside this module, and the same entries in a site's profile."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from typing import Any

from osiris_crawler.extract.outlet_names import squash
from osiris_crawler.i18n import _

KINDS = (
    "newspaper", "magazine", "agency", "website", "newsletter", "radio", "television", "institution", "association", "company",
)  # fmt: skip
# ISO 3166-1 alpha-2, officially assigned codes.
COUNTRIES = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD "
    "CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF "
    "GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
    "KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA "
    "NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI "
    "SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
    "VN VU WF WS YE YT ZA ZM ZW".split()
)


@dataclass(frozen=True, slots=True)
class Outlet:
    """An entry of the list."""

    key: str  # stable
    name: str  # the preferred one
    kind: str | None = None  # one of KINDS; None where a profile does not say
    country: str | None = None  # ISO 3166-1 alpha-2 of the editorial seat
    domains: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()  # names that other outlets bear as well


def entries(table: Mapping[str, Any]) -> list[Outlet]:
    """Entries of a TOML table; ValueError names what is wrong with which of them."""
    known = [field.name for field in fields(Outlet)][1:]
    found = []
    for key, raw in table.items():
        if not isinstance(raw, dict) or not squash(str(raw.get("name", ""))):
            raise ValueError(_("outlet %(key)s has no name") % {"key": key})
        for field in raw:
            if field not in known:
                near = ", ".join(get_close_matches(field, known, n=1)) or ", ".join(known)
                raise ValueError(
                    _("outlet %(key)s has an unknown key %(field)s (%(near)s?)")
                    % {"key": key, "field": field, "near": near}
                )
        outlet = Outlet(key, raw["name"], raw.get("kind"), raw.get("country"), *_lists(key, raw))
        if outlet.kind is not None and outlet.kind not in KINDS:
            raise ValueError(
                _("outlet %(key)s is of no kind among %(kinds)s") % {"key": key, "kinds": ", ".join(KINDS)}
            )
        if outlet.country is not None and outlet.country not in COUNTRIES:
            raise ValueError(_("outlet %(key)s: %(code)s is no country") % {"key": key, "code": outlet.country})
        found.append(outlet)
    return found


def _lists(key: str, raw: Mapping[str, Any]) -> list[tuple[str, ...]]:
    found = []
    for field in ("domains", "variants", "shared"):
        values = raw.get(field, [])
        if not isinstance(values, list) or not all(isinstance(value, str) and squash(value) for value in values):
            raise ValueError(_("outlet %(key)s: %(field)s is no list of texts") % {"key": key, "field": field})
        found.append(tuple(value.casefold().removeprefix("www.") if field == "domains" else value for value in values))
    return found


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads(files("osiris_crawler.extract").joinpath("outlets.toml").read_text("utf-8"))


def built_in() -> list[Outlet]:
    """The entries of outlets.toml."""
    return entries(_data()["outlets"])


@lru_cache(maxsize=1)
def places() -> dict[str, str]:
    """Countries and cities as compared → ISO code of the country."""
    return {squash(place): code for code, found in _data()["places"].items() for place in found}
