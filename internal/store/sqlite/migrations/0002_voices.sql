-- +goose Up
-- Who speaks in a story: its outlets and its independent publishers, a row
-- each, so that an article more costs the same however many there are.
CREATE TABLE voices (
  story  TEXT NOT NULL,
  name   TEXT NOT NULL,
  outlet INTEGER NOT NULL,
  kind   TEXT NOT NULL,
  PRIMARY KEY (story, name, outlet)
) WITHOUT ROWID;

INSERT OR IGNORE INTO voices SELECT s.id, v.key, 0, v.value FROM stories s, json_each(s.data, '$.Voices') v;
INSERT OR IGNORE INTO voices SELECT s.id, o.value, 1, '' FROM stories s, json_each(s.data, '$.OutletNames') o;
UPDATE stories SET data = json_remove(data, '$.Voices', '$.OutletNames');
