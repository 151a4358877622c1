ALTER TABLE verdict ADD COLUMN "weight" REAL;

DROP VIEW review;

CREATE VIEW review AS
    SELECT v.id, l.root_id AS left_id, r.root_id AS right_id, v.weight, v."by" = 'rule:certain' AS certain, v.reason
    FROM verdict v JOIN contact l ON l.id = v.left_id JOIN contact r ON r.id = v.right_id
    WHERE v.decision = 'unsure' AND v.retracted_in IS NULL AND l.root_id <> r.root_id
    AND (min(l.root_id, r.root_id), max(l.root_id, r.root_id)) NOT IN (
        SELECT min(a.root_id, b.root_id), max(a.root_id, b.root_id)
        FROM verdict d JOIN contact a ON a.id = d.left_id JOIN contact b ON b.id = d.right_id
        WHERE d.decision = 'different' AND d.retracted_in IS NULL);
