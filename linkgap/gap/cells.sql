-- Which rivals each candidate links to.
SELECT g.domain, g.site
FROM linking AS g
JOIN candidates AS p ON p.domain = g.domain
JOIN compared AS c ON c.number = g.site
WHERE c.is_rival AND g.links > 0
