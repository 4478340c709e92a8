"""What stands beside the listings: “Dernières nouvelles” with full dates, on the pages of every section and keyword.

One page does not tell such a list from its own. Many do: there the same articles stand at one place of most listings,
while an article's own listings are its section, the sections around it and a few keywords.
"""

from __future__ import annotations

from osiris_crawler.ledger.ledger import Ledger

_FEWEST = 4  # listings that have a place before anything is learned of it
_MOST_OF = 0.5  # share of them that an article stands on, from which on it is no entry there
_MOSTLY = 0.6  # share of a place's entries that are such articles


def beside(ledger: Ledger) -> frozenset[str]:
    """The places of listing pages that are chrome, learned from all walks."""
    rows = ledger.db.query(
        """WITH met AS (SELECT place, crawl, article, count(DISTINCT listing) AS listings FROM entries
                        GROUP BY place, crawl, article),
                whole AS (SELECT place, crawl, count(DISTINCT listing) AS listings FROM entries GROUP BY place, crawl)
           SELECT met.place, sum(met.listings) AS all_of_it,
                  sum(CASE WHEN met.listings > ? * whole.listings THEN met.listings ELSE 0 END) AS alike
           FROM met JOIN whole ON whole.place = met.place AND whole.crawl = met.crawl
           WHERE whole.listings >= ? GROUP BY met.place, met.crawl""",
        (_MOST_OF, _FEWEST),
    )
    return frozenset(row["place"] for row in rows if row["alike"] >= _MOSTLY * row["all_of_it"])
