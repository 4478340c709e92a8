"""Scrapy item pipelines: how what came back is kept. Thin faces over record, ledger, archive and dataset.

validate → deduplicate → ledger → warc; the dataset is written when the spider closes, and hourly.
"""
