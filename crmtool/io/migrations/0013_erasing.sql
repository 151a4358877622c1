-- Who was erased: keyed hashes of what a row would have to say to be that person again, and nothing else of them. And
-- entries of the log whose values were blanked: their proof stays, `erased` proves that crmtool blanked them.

CREATE TABLE tombstone (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "person" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "mark" TEXT NOT NULL,
    "on" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "withdrawn" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE INDEX tombstone_mark ON tombstone (mark);

ALTER TABLE change ADD COLUMN erased_of INTEGER;
ALTER TABLE change ADD COLUMN erased BLOB;

CREATE INDEX change_erased ON change (tbl, row_id, erased_of) WHERE erased IS NOT NULL;
