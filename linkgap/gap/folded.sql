-- The candidates that may link to the site under another name, as a list of domains may fold all names below a platform
-- into one row: names whose platform links to the site in such a list, and platforms in such a list when a name below
-- them links to the site.
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
