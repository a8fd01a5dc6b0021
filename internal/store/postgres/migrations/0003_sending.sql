-- +goose Up
-- send_by: until when the sender that holds a delivery may take. told_at: when
-- it took its place in its receiver's budget; 0: it has none.
ALTER TABLE deliveries ADD COLUMN send_by BIGINT NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN told_at BIGINT NOT NULL DEFAULT 0;
-- A queue is read in the order of its index, however many fall due at once.
CREATE INDEX deliveries_queue ON deliveries (receiver, due_at, id) WHERE state = 'pending';
DROP INDEX deliveries_receiver;
CREATE INDEX deliveries_sending ON deliveries (sending_at) WHERE state = 'sending';
CREATE INDEX deliveries_places ON deliveries (receiver, told_at) WHERE told_at > 0;
