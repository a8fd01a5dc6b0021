-- +goose Up
-- Times are milliseconds since 1970, 0 is none. No column holds NULL.
CREATE TABLE feeds (
  id        TEXT PRIMARY KEY,
  url       TEXT NOT NULL,
  stored    INTEGER NOT NULL DEFAULT 0,
  paused    INTEGER NOT NULL DEFAULT 0,
  removed   INTEGER NOT NULL DEFAULT 0,
  shard     INTEGER NOT NULL,
  seq       INTEGER NOT NULL DEFAULT 0,
  next_poll INTEGER NOT NULL DEFAULT 0,
  phase     TEXT NOT NULL DEFAULT 'active',
  live      INTEGER NOT NULL GENERATED ALWAYS AS (removed = 0 AND paused = 0 AND phase NOT IN ('gone', 'paused')) STORED,
  stood_at  INTEGER NOT NULL DEFAULT 0,
  tags      TEXT NOT NULL DEFAULT '',
  config    TEXT NOT NULL,
  state     TEXT NOT NULL DEFAULT '',
  polls     BLOB NOT NULL DEFAULT x''
);
CREATE UNIQUE INDEX feeds_url ON feeds (url) WHERE NOT removed;
CREATE INDEX feeds_due ON feeds (next_poll) WHERE live;
CREATE INDEX feeds_shard ON feeds (shard, next_poll) WHERE live;

CREATE TABLE hosts (id TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE items (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  feed         TEXT NOT NULL,
  item_key     BLOB NOT NULL,
  alt_key      BLOB NOT NULL,
  raw_hash     INTEGER NOT NULL,
  content_hash BLOB NOT NULL,
  seen_at      INTEGER NOT NULL,
  published    INTEGER NOT NULL,
  updated      INTEGER NOT NULL,
  publisher    TEXT NOT NULL,
  feed_kind    TEXT NOT NULL,
  story        TEXT NOT NULL,
  story_kind   TEXT NOT NULL,
  copy_of      INTEGER NOT NULL,
  wire_copy_of INTEGER NOT NULL,
  baseline     INTEGER NOT NULL,
  revisions    INTEGER NOT NULL DEFAULT 0,
  guid         TEXT NOT NULL,
  link         TEXT NOT NULL,
  canonical    TEXT NOT NULL,
  lang         TEXT NOT NULL,
  source       TEXT NOT NULL,
  title        TEXT NOT NULL,
  why          BLOB NOT NULL,
  extra        TEXT NOT NULL,
  summary      TEXT NOT NULL,
  content      TEXT NOT NULL
);
CREATE INDEX items_seen_at ON items (seen_at, id);
CREATE INDEX items_feed ON items (feed, id);
CREATE INDEX items_story ON items (story, seen_at) WHERE story <> '';
CREATE INDEX items_canonical ON items (canonical) WHERE story <> '';

-- The words of an item, folded; found by rowid = items.id.
CREATE VIRTUAL TABLE item_words USING fts5(words, content='', contentless_delete=1, tokenize='ascii');

-- Every key under which a feed has shown an item; outlives the item.
CREATE TABLE seen (
  feed     TEXT NOT NULL,
  item_key BLOB NOT NULL,
  item     INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  PRIMARY KEY (feed, item_key)
) WITHOUT ROWID;
CREATE INDEX seen_at ON seen (at);

CREATE TABLE hits (
  item   INTEGER NOT NULL,
  topic  TEXT NOT NULL,
  at     INTEGER NOT NULL,
  score  REAL NOT NULL,
  record BLOB NOT NULL,
  PRIMARY KEY (item, topic)
) WITHOUT ROWID;
CREATE INDEX hits_topic ON hits (topic, at);

CREATE TABLE revisions (
  id        INTEGER PRIMARY KEY,
  item      INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  title     TEXT NOT NULL,
  summary   TEXT NOT NULL,
  new_title TEXT NOT NULL,
  feed      TEXT NOT NULL,
  story     TEXT NOT NULL
);
CREATE INDEX revisions_item ON revisions (item);
CREATE INDEX revisions_at ON revisions (at);

CREATE TABLE stories (
  id          TEXT PRIMARY KEY,
  first_seen  INTEGER NOT NULL,
  last_seen   INTEGER NOT NULL,
  muted       INTEGER NOT NULL DEFAULT 0,
  merged_into TEXT NOT NULL DEFAULT '',
  rev         INTEGER NOT NULL,
  data        TEXT NOT NULL
);
CREATE INDEX stories_last_seen ON stories (last_seen);
CREATE INDEX stories_first_seen ON stories (first_seen);
CREATE INDEX stories_rev ON stories (rev);

CREATE TABLE story_topics (story TEXT NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (story, topic)) WITHOUT ROWID;

CREATE TABLE group_records (
  kind    TEXT NOT NULL,
  id      TEXT NOT NULL,
  story   TEXT NOT NULL,
  last_at INTEGER NOT NULL,
  rev     INTEGER NOT NULL,
  data    BLOB NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX group_records_rev ON group_records (rev);
CREATE INDEX group_records_last ON group_records (last_at);

CREATE TABLE deliveries (
  id         TEXT PRIMARY KEY,
  receiver   TEXT NOT NULL,
  type       TEXT NOT NULL,
  subject    TEXT NOT NULL,
  topic      TEXT NOT NULL,
  sequence   INTEGER NOT NULL,
  state      TEXT NOT NULL,
  note       TEXT NOT NULL,
  created    INTEGER NOT NULL,
  next_at    INTEGER NOT NULL,
  due_at     INTEGER NOT NULL,
  sending_at INTEGER NOT NULL DEFAULT 0,
  attempts   INTEGER NOT NULL,
  ref        TEXT NOT NULL,
  data       TEXT NOT NULL,
  payload    BLOB NOT NULL
);
CREATE UNIQUE INDEX deliveries_told ON deliveries (receiver, subject, sequence);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'pending';
CREATE INDEX deliveries_receiver ON deliveries (receiver, due_at) WHERE state = 'pending';
CREATE INDEX deliveries_created ON deliveries (created);
CREATE INDEX deliveries_count ON deliveries (receiver, state);

CREATE TABLE attempts (
  delivery TEXT NOT NULL,
  n        INTEGER NOT NULL,
  at       INTEGER NOT NULL,
  elapsed  INTEGER NOT NULL,
  status   INTEGER NOT NULL,
  answer   TEXT NOT NULL,
  err      TEXT NOT NULL,
  PRIMARY KEY (delivery, n)
) WITHOUT ROWID;
CREATE INDEX attempts_at ON attempts (at);

CREATE TABLE receivers (id TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE silences (id INTEGER PRIMARY KEY AUTOINCREMENT, ends_at INTEGER NOT NULL, data TEXT NOT NULL);

CREATE TABLE digests (
  id       TEXT NOT NULL,
  date     TEXT NOT NULL,
  from_at  INTEGER NOT NULL,
  to_at    INTEGER NOT NULL,
  zone     TEXT NOT NULL,
  created  INTEGER NOT NULL,
  built    INTEGER NOT NULL,
  sent     INTEGER NOT NULL,
  stories  INTEGER NOT NULL,
  empty    INTEGER NOT NULL,
  document BLOB NOT NULL,
  PRIMARY KEY (id, date)
);

CREATE TABLE marks (
  id     INTEGER PRIMARY KEY,
  story  TEXT NOT NULL,
  kind   TEXT NOT NULL,
  text   TEXT NOT NULL,
  author TEXT NOT NULL,
  at     INTEGER NOT NULL,
  place  TEXT NOT NULL
);
CREATE INDEX marks_story ON marks (story, kind);
CREATE INDEX marks_at ON marks (at);

CREATE TABLE sessions (hash BLOB PRIMARY KEY, person TEXT NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL, title TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX events_at ON events (at);
CREATE TABLE named (id TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

-- The newest revision number of stories and group_records.
CREATE TABLE rev (n INTEGER NOT NULL);
INSERT INTO rev VALUES (0);
