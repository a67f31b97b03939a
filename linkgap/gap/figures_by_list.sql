-- What each file shows about each domain, separately for its rows on each compared site: when a backtest hides a list,
-- figures that only the rows of that list show would betray which domains are on it.
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
