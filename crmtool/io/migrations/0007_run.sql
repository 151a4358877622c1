-- The journal of what ran unattended: pipelines and drills, each row written when the run had ended.

CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "name" TEXT NOT NULL,
    "started_at" TEXT NOT NULL,
    "ended_at" TEXT NOT NULL,
    "outcome" TEXT NOT NULL CHECK (outcome IN ('done', 'failed', 'stopped')),
    "code" INTEGER NOT NULL,
    "steps" TEXT NOT NULL,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;
