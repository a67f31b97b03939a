-- Every domain that links to a compared site, in one of the categories that users know from the suites.
SELECT
    domain,
    site_links,
    rival_links,
    rivals_linked,
    CASE
        WHEN site_links = 0 AND rivals_linked = $rivals THEN 'best'
        WHEN site_links = 0 AND rivals_linked = 1 THEN 'unique'
        WHEN site_links = 0 THEN 'weak'
        WHEN rivals_linked = $rivals THEN 'shared'
        WHEN rivals_linked > 0 AND site_links * rivals_linked < rival_links THEN 'weak'
        ELSE 'strong'
    END AS category
FROM (
    SELECT
        g.domain,
        SUM(CASE WHEN c.is_rival THEN 0 ELSE g.links END) AS site_links,
        SUM(CASE WHEN c.is_rival THEN g.links ELSE 0 END) AS rival_links,
        SUM(CASE WHEN c.is_rival AND g.links > 0 THEN 1 ELSE 0 END) AS rivals_linked
    FROM linking AS g
    JOIN compared AS c ON c.number = g.site
    WHERE g.links > 0
    GROUP BY g.domain
) AS by_domain
