-- Made when the rows are there. Who looks for the other side of a reference needs one.
CREATE INDEX articles_by_date ON articles (date);
CREATE INDEX articles_by_section ON articles (section);
CREATE INDEX articles_by_root ON articles (duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE INDEX sections_by_parent ON sections (parent);
CREATE INDEX article_tags_by_tag ON article_tags (tag);
CREATE INDEX sources_by_outlet ON sources (outlet);
CREATE INDEX urls_by_url ON urls (url);
CREATE INDEX changes_by_article ON changes (article) WHERE article IS NOT NULL;
