-- +goose Up
-- One process works all shards of a file: their index was written at every
-- poll and never read.
DROP INDEX feeds_shard;
