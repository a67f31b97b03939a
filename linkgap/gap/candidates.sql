-- The domains that link to enough rivals, to all that are required and none that is forbidden, and not to the site.
CREATE OR REPLACE TABLE candidates AS
SELECT
    g.domain,
    SUM(CASE WHEN c.is_rival AND g.links > 0 THEN 1 ELSE 0 END) AS rivals_linked,
    SUM(CASE WHEN c.is_rival THEN g.links ELSE 0 END) AS links,
    SUM(CASE WHEN c.is_rival THEN g.follow_links END) AS follow_links,
    SUM(CASE WHEN c.is_rival THEN 0 ELSE g.lost_links END) AS lost_links,
    MIN(CASE WHEN c.is_rival THEN g.first_seen END) AS first_seen,
    MAX(CASE WHEN c.is_rival THEN g.last_seen END) AS last_seen
FROM linking AS g
JOIN compared AS c ON c.number = g.site
GROUP BY g.domain
HAVING
    SUM(CASE WHEN c.is_rival AND g.links > 0 THEN 1 ELSE 0 END) >= $min_rivals
    AND SUM(CASE WHEN c.is_required AND g.links > 0 THEN 1 ELSE 0 END) = $required
    AND SUM(CASE WHEN c.is_forbidden AND g.links > 0 THEN 1 ELSE 0 END) = 0
