-- Rows that a change set removed by the thousand are kept together in one entry: `before` then holds the runs of their
-- ids, and `block` the rows. The proof of the entry does not cover the block, which has its own: so a person can be
-- taken out of it.

ALTER TABLE change ADD COLUMN block BLOB;

CREATE INDEX change_block ON change (tbl, row_id) WHERE op = 'remove' AND ifnull(substr(before, 1, 1), '') = '[';
