-- +goose Up
-- A topic's newest stories are read in the order of an index, where all were
-- sorted; what was told of a story is found by the story.
DROP INDEX stories_last_seen;
CREATE INDEX stories_last_seen ON stories (last_seen, id);
CREATE INDEX deliveries_subject ON deliveries (subject, created);
