-- The candidates that a list of domains may have folded: a list of the site's has their platform, or they are a platform
-- that a list of domains shows, and a name below it links to the site.
SELECT c.domain
FROM candidates AS c
JOIN platforms AS p ON p.below = c.domain
JOIN seen AS s ON s.domain = p.above
JOIN lists_of_domains AS f ON f.file = s.file
WHERE (s.linked & 1) = 1
UNION
SELECT c.domain
FROM candidates AS c
JOIN platforms AS p ON p.above = c.domain
JOIN members AS m ON m.domain = p.below
JOIN seen AS s ON s.domain = c.domain
JOIN lists_of_domains AS f ON f.file = s.file
WHERE (m.linked & 1) = 1
