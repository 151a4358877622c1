-- Where the consents of a person stand; `crmtool.core.consents` says the same law of a frame, and in words. Without a
-- channel an entry is for every channel. `until` is the last day of a given consent; whether it is over is for the
-- reader to say, who knows the day.

CREATE VIEW consent_state AS
    WITH said AS (
        SELECT n.root_id, e.contact_id, e.purpose, e.channel, e.until, e.at,
               instr('guew', substr(e.state, 1, 1)) AS rank,
               CASE WHEN length(e.at) = 10 AND e.state IN ('withdrawn', 'expired') THEN e.at || 'T99' ELSE e.at END AS moment
        FROM consent e JOIN contact n ON n.id = e.contact_id),
    asked AS (SELECT DISTINCT root_id, purpose, channel FROM said),
    latest AS (
        SELECT root_id, purpose, channel, rank, at, iif(rank = 1, until, NULL) AS until
        FROM (SELECT a.root_id, a.purpose, a.channel, s.rank, s.at, s.until, row_number() OVER (
                  PARTITION BY a.root_id, a.purpose, a.channel, s.contact_id
                  ORDER BY s.moment DESC, s.rank DESC, s.until IS NULL, s.until) AS turn
              FROM asked a JOIN said s ON s.root_id = a.root_id AND s.purpose = a.purpose
                   AND (s.channel IS NULL OR s.channel IS a.channel))
        WHERE turn = 1)
    SELECT root_id, purpose, channel,
           CASE max(rank) WHEN 4 THEN 'withdrawn' WHEN 3 THEN 'expired' WHEN 2 THEN 'unknown' ELSE 'given' END AS state,
           iif(max(rank) = 1, min(until), NULL) AS until,
           substr(max(rank || at), 2) AS at
    FROM latest GROUP BY root_id, purpose, channel;
