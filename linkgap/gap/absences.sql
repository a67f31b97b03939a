-- For each domain that links to a site in one state only: what the lists of the other state say about its absence. Only
-- lists from a provider that showed the link, and named the domain or host it is from, count.
CREATE OR REPLACE TABLE {absences} AS
SELECT
    m.name AS name,
    BIT_OR(m.missing & COALESCE(r.lost, 0)) AS reported,
    BIT_OR(m.missing & l.complete & ~COALESCE(p.folded, 0)) AS complete,
    BIT_OR(m.missing & COALESCE(f.above, 0) & ~COALESCE(p.folded, 0)) AS above,
    BIT_OR(m.missing & l.by_authority) AS below,
    BIT_OR(m.missing & l.by_rows) AS cut,
    BIT_OR(m.missing & (l.in_part | COALESCE(p.folded, 0))) AS in_part
FROM (
    SELECT s.name AS name, o.provider AS provider, BIT_OR(s.named - (s.named & b.{linked_there})) AS missing
    FROM {here} AS s
    JOIN both_states AS b ON b.name = s.name
    JOIN origins AS o ON o.origin = s.origin
    WHERE s.named - (s.named & b.{linked_there}) <> 0
    GROUP BY s.name, o.provider
) AS m
JOIN {lists} AS l ON l.provider = m.provider
LEFT JOIN (
    SELECT s.name AS name, o.provider AS provider, BIT_OR(s.lost) AS lost
    FROM {there} AS s
    JOIN origins AS o ON o.origin = s.origin
    WHERE s.lost <> 0
    GROUP BY s.name, o.provider
) AS r ON r.name = m.name AND r.provider = m.provider
LEFT JOIN folded AS p ON p.name = m.name
LEFT JOIN above_floors AS f ON f.name = m.name AND f.provider = m.provider
GROUP BY m.name
