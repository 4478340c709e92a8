-- A dataset as one SQLite file. `meta` says what it is; the views at the end are for reading by hand.
--
-- Search without accents and case:   SELECT title FROM articles_fts WHERE articles_fts MATCH 'senegal';
-- A table's rows of an article are numbered by `place`, from 0, in the order of the dataset.

CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- A tree; `path` is the titles from the root down, joined by “ › ”.
CREATE TABLE sections (
  section INTEGER PRIMARY KEY,
  parent INTEGER REFERENCES sections (section),
  title TEXT NOT NULL,
  path TEXT NOT NULL
);

-- A line of articles.jsonl each; `number` is its place there: by date, then id. `duplicate_of` may name an article that is
-- not in this file.
CREATE TABLE articles (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL,
  date TEXT,
  title TEXT NOT NULL,
  overline TEXT,
  subtitle TEXT,
  date_text TEXT,
  section INTEGER REFERENCES sections (section),
  kind TEXT NOT NULL,
  language TEXT,
  duplicate_of TEXT,
  version INTEGER NOT NULL,
  first_seen TEXT,
  last_changed TEXT,
  withdrawn TEXT,
  link TEXT,
  content_digest TEXT NOT NULL,
  capture_warc TEXT,
  capture_offset INTEGER,
  capture_record_id TEXT,
  capture_date TEXT,
  reader TEXT NOT NULL,
  lead TEXT,
  body TEXT NOT NULL,
  ps TEXT
);

CREATE TABLE urls (
  article INTEGER NOT NULL REFERENCES articles (number),
  place INTEGER NOT NULL,
  url TEXT NOT NULL,
  PRIMARY KEY (article, place)
) WITHOUT ROWID;

CREATE TABLE tags (
  tag INTEGER PRIMARY KEY,
  title TEXT NOT NULL UNIQUE
);

CREATE TABLE article_tags (
  article INTEGER NOT NULL REFERENCES articles (number),
  place INTEGER NOT NULL,
  tag INTEGER NOT NULL REFERENCES tags (tag),
  PRIMARY KEY (article, place)
) WITHOUT ROWID;

CREATE TABLE authors (
  article INTEGER NOT NULL REFERENCES articles (number),
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (article, place)
) WITHOUT ROWID;

CREATE TABLE notes (
  article INTEGER NOT NULL REFERENCES articles (number),
  place INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (article, place)
) WITHOUT ROWID;

CREATE TABLE sources (
  article INTEGER NOT NULL REFERENCES articles (number),
  place INTEGER NOT NULL,
  text TEXT NOT NULL,
  name TEXT,
  outlet TEXT,
  url TEXT,
  date TEXT,
  PRIMARY KEY (article, place)
) WITHOUT ROWID;

CREATE TABLE media (
  article INTEGER NOT NULL REFERENCES articles (number),
  kind TEXT NOT NULL CHECK (kind IN ('document', 'image')),
  place INTEGER NOT NULL,
  url TEXT NOT NULL,
  title TEXT,
  type TEXT,
  PRIMARY KEY (article, kind, place)
) WITHOUT ROWID;

CREATE TABLE issues (
  article INTEGER NOT NULL REFERENCES articles (number),
  place INTEGER NOT NULL,
  issue TEXT NOT NULL,
  PRIMARY KEY (article, place)
) WITHOUT ROWID;

-- Lines of changes.jsonl about these articles and about sections (without `article`); `fields` is a JSON list.
CREATE TABLE changes (
  change INTEGER PRIMARY KEY,
  article INTEGER REFERENCES articles (number),
  run TEXT NOT NULL,
  at TEXT NOT NULL,
  event TEXT NOT NULL,
  cause TEXT NOT NULL,
  url TEXT,
  fields TEXT NOT NULL
);

-- The words as they are written, without accents and case.
CREATE VIRTUAL TABLE articles_fts USING fts5 (
  title, overline, subtitle, lead, body, ps,
  content='articles', content_rowid='number', tokenize='unicode61 remove_diacritics 2'
);

-- French stems, so that inflected forms find each other; the texts themselves are not kept in it. `about`: authors,
-- keywords, sources and section.
CREATE VIRTUAL TABLE articles_stems USING fts5 (
  title, text, about,
  content='', tokenize='unicode61 remove_diacritics 2'
);

CREATE VIEW years AS
  SELECT substr(date, 1, 4) AS year, count(*) AS articles FROM articles WHERE date IS NOT NULL GROUP BY year ORDER BY year;

CREATE VIEW keywords AS
  SELECT tags.title AS keyword, count(*) AS articles, min(date) AS first, max(date) AS last
  FROM article_tags JOIN tags USING (tag) JOIN articles ON number = article GROUP BY tag ORDER BY articles DESC, keyword;

CREATE VIEW outlets AS
  SELECT coalesce(outlet, name) AS outlet, count(DISTINCT article) AS articles, min(articles.date) AS first, max(articles.date) AS last
  FROM sources JOIN articles ON number = article WHERE coalesce(outlet, name) IS NOT NULL
  GROUP BY coalesce(outlet, name) ORDER BY articles DESC, 1;

CREATE VIEW reprints AS
  SELECT copy.id, copy.date, copy.title, first.id AS first_id, first.date AS first_date, first.title AS first_title
  FROM articles AS copy JOIN articles AS first ON first.id = copy.duplicate_of ORDER BY first.number, copy.number;
