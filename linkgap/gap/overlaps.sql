-- Every combination of sites that some domain links to: the sum of the sites' bits, and how many domains have it.
SELECT low, high, COUNT(*) AS domains
FROM (
    SELECT g.domain, CAST(SUM(c.low) AS BIGINT) AS low, CAST(SUM(c.high) AS BIGINT) AS high
    FROM linking AS g
    JOIN compared AS c ON c.number = g.site
    WHERE g.links > 0
    GROUP BY g.domain
) AS by_domain
GROUP BY low, high
