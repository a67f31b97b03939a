-- The domains of hosts that show many links: the only ones that may link from every page.
SELECT DISTINCT k.number
FROM hosts AS h
JOIN keys AS k ON k.id = h.host
WHERE COALESCE(h.links, h.records) > $least
ORDER BY k.number
