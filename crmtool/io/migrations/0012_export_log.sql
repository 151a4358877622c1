-- What left the base: who and when says the change set, who was in it the runs of ids.

CREATE TABLE export_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "segment" TEXT NOT NULL,
    "profile" TEXT NOT NULL,
    "purpose" TEXT,
    "part" TEXT,
    "fields" TEXT NOT NULL,
    "rows" INTEGER NOT NULL,
    "people" TEXT NOT NULL,
    "withheld" TEXT NOT NULL,
    "file" TEXT NOT NULL,
    "sha256" TEXT NOT NULL,
    "revision" INTEGER NOT NULL,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;
