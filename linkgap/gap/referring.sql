-- Who links to whom, by file: one row for each domain, compared site and file.
-- Links that are lost count as links only when the user says so; the compared sites and the user's own are left out.
CREATE OR REPLACE TABLE referring AS
SELECT
    k.number AS domain,
    c.number AS site,
    h.file AS file,
    SUM(
        CASE
            WHEN h.is_lost AND $live_only THEN 0
            WHEN $follow_only THEN COALESCE(h.may_follow, h.links, h.records)
            ELSE COALESCE(h.links, h.records)
        END
    ) AS links,
    SUM(CASE WHEN h.is_lost AND $live_only THEN 0 ELSE h.follow_links END) AS follow_links,
    SUM(CASE WHEN h.is_lost THEN h.records ELSE 0 END) AS lost_links,
    MIN(CASE WHEN h.is_lost AND $live_only THEN NULL ELSE h.first_seen END) AS first_seen,
    MAX(CASE WHEN h.is_lost AND $live_only THEN NULL ELSE h.last_seen END) AS last_seen,
    MAX(h.authority) AS authority,
    MAX(h.page_authority) AS page_authority,
    MAX(h.traffic) AS traffic,
    MAX(h.referring_domains) AS referring_domains,
    MAX(h.linked_domains) AS linked_domains,
    MAX(CASE WHEN h.spam THEN 1 WHEN NOT h.spam THEN 0 END) AS spam,
    MAX(h.spam_score) AS spam_score
FROM hosts AS h
JOIN keys AS k ON k.raw = h.source
JOIN targets AS t ON t.file = h.file AND t.target = h.target AND t.landing = h.landing
JOIN compared AS c ON c.site = t.site
LEFT JOIN excluded AS e ON e.domain = k.domain
WHERE h.reason IS NULL AND e.domain IS NULL
GROUP BY k.number, c.number, h.file
