-- What was seen and what is next. A view of the WARC files: it can be thrown away and is rebuilt from them.
-- Addresses are known by their key (site/urls.py), captures by their place in the archive.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- One row a run of any command that writes to the archive; `crawl` counts whole walks, a resumed walk keeps its number.
CREATE TABLE runs (
    run     TEXT PRIMARY KEY,
    crawl   INTEGER NOT NULL,             -- negative: of an import, by the day of its captures
    command TEXT NOT NULL,
    started TEXT NOT NULL,
    ended   TEXT,
    exit    INTEGER,
    report  TEXT
) WITHOUT ROWID;

-- WARC files, and up to which byte each has been taken into this ledger.
CREATE TABLE files (
    id    INTEGER PRIMARY KEY,
    name  TEXT NOT NULL UNIQUE,
    run   TEXT NOT NULL,
    known INTEGER NOT NULL DEFAULT 0
);

-- The frontier. pending → leased → captured → read; failed: no final answer after retries; refused: by robots.txt.
CREATE TABLE addresses (
    id       INTEGER PRIMARY KEY,
    key      TEXT NOT NULL UNIQUE,
    url      TEXT NOT NULL,
    kind     TEXT NOT NULL,
    status   TEXT NOT NULL CHECK (status IN ('pending', 'leased', 'captured', 'read', 'failed', 'refused')),
    crawl    INTEGER NOT NULL,            -- the walk that the status belongs to
    priority INTEGER NOT NULL,            -- smaller goes first
    due      REAL NOT NULL DEFAULT 0,     -- not before this time (seconds since 1970)
    attempts INTEGER NOT NULL DEFAULT 0,
    hops     INTEGER NOT NULL DEFAULT 0,  -- redirects followed under the same key, against loops
    via      TEXT,
    path     TEXT NOT NULL DEFAULT '',    -- how it was found, a letter a step: L link, E embedded, R redirect
    capture  INTEGER,                     -- newest capture that answered it
    problem  TEXT                         -- why it failed or was refused
);
-- The next address to lease is one step in this index.
CREATE INDEX addresses_next ON addresses (priority, id) WHERE status = 'pending';
-- Few rows at any time: what a dead run left behind, what is to be read from the archive, what has failed.
CREATE INDEX addresses_open ON addresses (status) WHERE status IN ('leased', 'captured', 'failed');
CREATE INDEX addresses_kind ON addresses (kind, status);

-- Every response in the archive, with its place.
CREATE TABLE captures (
    id        INTEGER PRIMARY KEY,
    run       TEXT NOT NULL,
    date      TEXT NOT NULL,              -- WARC-Date, the start of the exchange
    file      INTEGER NOT NULL,
    offset    INTEGER NOT NULL,
    length    INTEGER NOT NULL,
    record_id TEXT NOT NULL,
    original  INTEGER,                    -- of a revisit record: the row of the response that holds the body
    key       TEXT NOT NULL,
    url       TEXT NOT NULL,
    status    INTEGER NOT NULL,
    mime      TEXT,
    size      INTEGER NOT NULL,           -- bytes of the payload as transferred
    digest    TEXT,                       -- WARC-Payload-Digest
    truncated TEXT,
    target    TEXT,                       -- key that a redirect points to
    etag      TEXT,
    modified  TEXT,
    UNIQUE (file, offset)
);
CREATE INDEX captures_order ON captures (date, file, offset);
CREATE INDEX captures_key ON captures (key);
-- Bodies worth a revisit record (SMALLEST_REVISIT in ledger.py), found by what they are.
CREATE INDEX captures_digest ON captures (digest) WHERE size >= 1024 AND original IS NULL AND truncated IS NULL;

-- What the pages said. `subject` is the key of the page's canonical address.
CREATE TABLE readings (
    capture   INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL,
    subject   TEXT NOT NULL,
    number    INTEGER,
    section   TEXT,                       -- key of the last section of the breadcrumb
    content   TEXT,                       -- content_digest of an article
    body      TEXT,                       -- digest of the letters and digits of its body
    canonical TEXT,
    date      TEXT,
    reader    TEXT,                       -- the reader that an article was read by, and the model that it had
    layout    TEXT,                       -- the layout that the model told
    facts     TEXT                        -- the article's facts, as JSON
);
-- The dataset walks the articles alone.
CREATE INDEX readings_subject ON readings (kind, subject);
-- Articles by an older reader or model are read again before they are published.
CREATE INDEX readings_reader ON readings (reader) WHERE kind = 'article';
-- Reprints are found by their text.
CREATE INDEX readings_body ON readings (body) WHERE body IS NOT NULL;

-- A listing's page: which part of it was read in which walk, so that a complete pass can be told from a partial one.
CREATE TABLE passes (
    listing TEXT NOT NULL,
    kind    TEXT NOT NULL,
    crawl   INTEGER NOT NULL,
    offset  INTEGER NOT NULL,
    last    INTEGER,
    title   TEXT NOT NULL,
    date    TEXT NOT NULL,
    PRIMARY KEY (listing, crawl, offset)
) WITHOUT ROWID;

-- "This listing lists this article": newest date of each walk.
CREATE TABLE entries (
    listing TEXT NOT NULL,
    article TEXT NOT NULL,
    crawl   INTEGER NOT NULL,
    place   TEXT NOT NULL, -- before what is no key: quick_check of SQLite 3.40 takes it for NULL elsewhere
    offset  INTEGER NOT NULL,
    date    TEXT NOT NULL,
    PRIMARY KEY (article, listing, crawl, place)
) WITHOUT ROWID;
CREATE INDEX entries_listing ON entries (listing, crawl);

-- "This section hangs here": first and last assertion of each walk. `weight` 2: a breadcrumb; 1: the plan;
-- 0: the page of the section above; -1: only its own page, which says no more than its title.
CREATE TABLE nodes (
    section TEXT NOT NULL,
    parent  TEXT,
    title   TEXT NOT NULL,
    crawl   INTEGER NOT NULL,
    weight  INTEGER NOT NULL,
    first   TEXT NOT NULL,
    last    TEXT NOT NULL,
    url     TEXT NOT NULL
);
CREATE UNIQUE INDEX nodes_said ON nodes (section, coalesce(parent, ''), title, crawl, weight);

-- Ids once published. They stand in the WARC too (metadata records) and are never revised or reused.
CREATE TABLE ids (
    id     TEXT PRIMARY KEY,
    key    TEXT NOT NULL UNIQUE,
    number INTEGER,
    date   TEXT NOT NULL
) WITHOUT ROWID;

-- What a better reader or model changed in articles already published; it stands in the WARC too.
CREATE TABLE rereadings (
    at     TEXT NOT NULL,
    run    TEXT NOT NULL,
    id     TEXT NOT NULL,
    fields TEXT NOT NULL,                 -- JSON
    PRIMARY KEY (at, id)
) WITHOUT ROWID;

-- Refusals by rule, counted by walk.
CREATE TABLE refusals (
    crawl  INTEGER NOT NULL,
    reason TEXT NOT NULL,
    links  INTEGER NOT NULL,              -- occurrences of links refused so
    sample TEXT NOT NULL,                 -- one of them
    PRIMARY KEY (crawl, reason)
) WITHOUT ROWID;

-- The keyword cloud: what the site says of itself, newest statement.
CREATE TABLE cloud (
    keyword TEXT PRIMARY KEY,
    total   INTEGER NOT NULL,
    date    TEXT NOT NULL
) WITHOUT ROWID;

-- Addresses that a walk gave up on. Known gaps are listed, and don't raise exit 3 again.
CREATE TABLE gaps (key TEXT PRIMARY KEY, since TEXT NOT NULL) WITHOUT ROWID;

-- Signatures of articles' texts by content digest (32 bytes), so that reprints are found without hashing every text again.
CREATE TABLE signatures (content BLOB PRIMARY KEY, signature BLOB NOT NULL) WITHOUT ROWID;
