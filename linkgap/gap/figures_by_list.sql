-- What each file shows of each domain in its rows for each compared site, kept apart by site: when a backtest pretends
-- that a list is not known, its rows must not tell an authority that only its linking domains would have.
SELECT
    k.number AS domain,
    h.file AS file,
    {figures}
    c.number AS list
FROM hosts AS h
JOIN keys AS k ON k.id = h.host
JOIN targets AS t ON t.file = h.file AND t.pair = h.pair
JOIN compared AS c ON c.site = t.site
JOIN members AS m ON m.domain = k.number
WHERE m.linked <> 0
GROUP BY k.number, h.file, c.number
