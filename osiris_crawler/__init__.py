"""Archival crawler for SPIP press archives: every byte in WARC, every article in a dataset."""

__version__ = "0.1.0"
