-- What each file shows about each domain: which compared sites it links to, and which it used to link to, as bits. Lost
-- links count only if the user asks for it. Domains of the compared sites and of the user's own sites are left out.
CREATE OR REPLACE TABLE seen AS
SELECT
    h.number AS domain,
    h.file AS file,
    {figures}
    BIT_OR(
        CASE
            WHEN h.is_lost AND $live_only THEN 0
            WHEN h.may_follow = 0 AND $follow_only THEN 0
            ELSE c.bit
        END
    ) AS linked,
    BIT_OR(CASE WHEN h.is_lost THEN c.bit ELSE 0 END) AS lost
FROM numbered_hosts AS h
JOIN targets AS t ON t.file = h.file AND t.pair = h.pair
JOIN compared AS c ON c.site = t.site
LEFT JOIN excluded AS e ON e.domain = h.domain
WHERE e.domain IS NULL
GROUP BY h.number, h.file
