-- The domains of hosts that show many links: the only ones that may link from every page.
SELECT DISTINCT number
FROM numbered_hosts
WHERE COALESCE(links, records) > $least
ORDER BY number
