-- +goose Up
-- Who speaks in a story: its outlets and its independent publishers, a row
-- each, so that an article more costs the same however many there are.
CREATE TABLE voices (
  story  TEXT COLLATE "C" NOT NULL,
  name   TEXT COLLATE "C" NOT NULL,
  outlet BOOLEAN NOT NULL,
  kind   TEXT NOT NULL,
  PRIMARY KEY (story, name, outlet)
);

INSERT INTO voices SELECT s.id, left(v.key, 300), FALSE, v.value FROM stories s, jsonb_each_text(COALESCE(s.data::jsonb -> 'Voices', '{}')) v ON CONFLICT DO NOTHING;
INSERT INTO voices SELECT s.id, left(o.value, 300), TRUE, '' FROM stories s, jsonb_array_elements_text(COALESCE(s.data::jsonb -> 'OutletNames', '[]')) o (value) ON CONFLICT DO NOTHING;
UPDATE stories SET data = (data::jsonb - 'Voices' - 'OutletNames')::text;
