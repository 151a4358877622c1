-- The archive, the snapshots of audits, and indexes that hold all an audit reads of verifications and records.
-- A contact is archived where each contact it is made of was; so whoever comes back in a new list is there again.

CREATE TABLE archive (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "contact_id" INTEGER NOT NULL REFERENCES contact DEFERRABLE INITIALLY DEFERRED,
    "on" TEXT NOT NULL,
    "by" TEXT,
    "reason" TEXT,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE TABLE audit_snapshot (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    "as_of" TEXT NOT NULL,
    "rules" TEXT NOT NULL,
    "figures" TEXT NOT NULL,
    changeset_id INTEGER NOT NULL REFERENCES changeset DEFERRABLE INITIALLY DEFERRED,
    proof BLOB NOT NULL
) STRICT;

CREATE INDEX archive_contact ON archive (contact_id);
CREATE INDEX audit_snapshot_day ON audit_snapshot (as_of);

DROP INDEX verification_contact;
CREATE INDEX verification_contact ON verification (contact_id, field, value, outcome, "on");
DROP INDEX record_contact;
CREATE INDEX record_contact ON record (contact_id, changeset_id);

CREATE VIEW archived AS
    SELECT DISTINCT n.root_id FROM archive a JOIN contact n ON n.id = a.contact_id
    WHERE NOT EXISTS (SELECT 1 FROM contact m WHERE m.root_id = n.root_id
                      AND NOT EXISTS (SELECT 1 FROM archive b WHERE b.contact_id = m.id));
