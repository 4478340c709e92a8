"""Scrapy's settings for this project; `scrapy.cfg` names this module.

What Scrapy does by itself and an archive needs done otherwise is off: redirects, retries, robots.txt, cookies and the
duplicate filter are the ledger's and the politeness module's; bodies stay as they came until they are captured.
"""

BOT_NAME = "osiris"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"

EXTENSIONS = {"osiris_crawler.crawl.extension.RunExtension": 0}
SCHEDULER = "osiris_crawler.crawl.scheduler.LedgerScheduler"
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
DOWNLOAD_HANDLERS = {
    "http": "osiris_crawler.archive.wire.CaptureDownloadHandler",
    "https": "osiris_crawler.archive.wire.CaptureDownloadHandler",
    "ftp": None,
    "file": None,
    "data": None,
    "s3": None,
}
ITEM_PIPELINES = {
    "pipelines.validate.ValidatePipeline": 100,
    "pipelines.deduplicate.DeduplicatePipeline": 200,
    "pipelines.ledger.LedgerPipeline": 300,
    "pipelines.warc.WarcPipeline": 400,
}
# Scrapy imports even what is set to None, aiohttp and tldextract with it, 0.3 s a run: so what is on by default is named anew,
# without all that is another's task here.
EXTENSIONS_BASE: dict[str, int] = {}
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
}
SPIDER_MIDDLEWARES_BASE = {"scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25}

ROBOTSTXT_OBEY = False  # obeyed by osiris_crawler.crawl.politeness: Scrapy 2.14–2.19 lets waiting requests through
COOKIES_ENABLED = False
CONCURRENT_ITEMS = 1  # a page is one item; Scrapy makes as many tasks a response as this says
REDIRECT_ENABLED = False
RETRY_ENABLED = False
COMPRESSION_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_DELAY = 0  # kept by the scheduler, per host
RANDOMIZE_DOWNLOAD_DELAY = False
DOWNLOAD_TIMEOUT = 60  # seconds of silence
DOWNLOAD_MAXSIZE = 512 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "fr,en;q=0.5",
    # Nothing but gzip: what stands on warcio (cdxj-indexer, wacz) can't read other codings.
    "Accept-Encoding": "gzip",
}
LOG_LEVEL = "INFO"
LOGSTATS_INTERVAL = 0
STATS_DUMP = False
WARN_ON_GENERATOR_RETURN_VALUE = False
