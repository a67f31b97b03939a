-- How many links some domains have to each compared site.
-- Files of one report add up; several reports show the same links again, so the largest number counts.
SELECT place, number, MAX(links) AS links
FROM (
    SELECT
        a.place,
        c.number,
        l.list,
        SUM(
            CASE
                WHEN h.is_lost AND $live_only THEN 0
                WHEN $follow_only THEN COALESCE(h.may_follow, h.links, h.records)
                ELSE COALESCE(h.links, h.records)
            END
        ) AS links
    FROM numbered_hosts AS h
    JOIN asked AS a ON a.number = h.number
    JOIN targets AS t ON t.file = h.file AND t.pair = h.pair
    JOIN compared AS c ON c.site = t.site
    JOIN lists AS l ON l.file = h.file
    GROUP BY a.place, c.number, l.list
) AS by_list
GROUP BY place, number
