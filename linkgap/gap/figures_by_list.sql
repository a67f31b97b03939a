-- What each file shows of each domain in its rows for each compared site, kept apart by site: when a backtest pretends
-- that a list is not known, its rows must not tell an authority that only its linking domains would have.
SELECT
    h.number AS domain,
    h.file AS file,
    {figures}
    c.number AS list
FROM numbered_hosts AS h
JOIN targets AS t ON t.file = h.file AND t.pair = h.pair
JOIN compared AS c ON c.site = t.site
JOIN members AS m ON m.domain = h.number
WHERE m.linked <> 0
GROUP BY h.number, h.file, c.number
