-- The same contacts, looked for from the archive: where nothing is archived, nothing is read.

DROP VIEW archived;

CREATE VIEW archived AS
    SELECT DISTINCT n.root_id FROM archive a CROSS JOIN contact n ON n.id = a.contact_id
    WHERE NOT EXISTS (SELECT 1 FROM contact m WHERE m.root_id = n.root_id
                      AND NOT EXISTS (SELECT 1 FROM archive b WHERE b.contact_id = m.id));
