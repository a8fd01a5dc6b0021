-- +goose Up
-- What was told of a story is found by the story.
CREATE INDEX deliveries_subject ON deliveries (subject, created);
