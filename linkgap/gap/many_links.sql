-- The domains (or hosts) that have many links from one host: only these can be linking from every page.
SELECT DISTINCT number
FROM numbered_hosts
WHERE COALESCE(links, records) > $least
ORDER BY number
