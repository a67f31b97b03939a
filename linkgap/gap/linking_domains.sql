-- For each name of a target: how many domains link to it, and how many of these link to the site as well.
SELECT n.name, COUNT(*) AS domains, COUNT(o.domain) AS shared
FROM (
    SELECT DISTINCT h.domain AS domain, t.name AS name
    FROM hosts AS h
    JOIN named_targets AS t ON t.file = h.file AND t.pair = h.pair
    JOIN domains AS d ON d.number = h.domain
    WHERE NOT h.is_lost AND d.domain <> t.domain
) AS n
LEFT JOIN (
    SELECT DISTINCT domain
    FROM judged
    WHERE site = $site AND verdict = 'kept' AND NOT is_lost
) AS o ON o.domain = n.domain
GROUP BY n.name
