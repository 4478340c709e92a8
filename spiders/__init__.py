"""Scrapy spiders: where to go next. No selectors, no writing."""
