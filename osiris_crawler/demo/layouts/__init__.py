"""The looks of the embedded site: one module each, with `article`, `listing` and `plan` from the same view of the world."""

from __future__ import annotations

from osiris_crawler.demo.layouts import current, magazine, old, opaque, regional, stock, tables1999
from osiris_crawler.demo.layouts.view import Layout

LAYOUTS: dict[str, Layout] = {
    "current": current.LAYOUT,
    "2012": old.LAYOUT,
    "stock": stock.LAYOUT,
    "opaque": opaque.LAYOUT,
    "magazine": magazine.LAYOUT,
    "tables1999": tables1999.LAYOUT,
    "regional": regional.LAYOUT,
}
