-- The domains of hosts that show many links: the only ones that may link from every page.
SELECT DISTINCT k.number
FROM keys AS k
JOIN (SELECT DISTINCT host FROM hosts WHERE COALESCE(links, records) > $least) AS h ON h.host = k.id
ORDER BY k.number
