-- Who links to whom: one row for each domain and compared site.
-- Files of one report add up; several reports show the same links again, so the largest number counts.
CREATE OR REPLACE TABLE linking AS
SELECT
    domain,
    site,
    MAX(links) AS links,
    MAX(follow_links) AS follow_links,
    MAX(lost_links) AS lost_links,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen
FROM (
    SELECT
        r.domain,
        r.site,
        l.list,
        SUM(r.links) AS links,
        SUM(r.follow_links) AS follow_links,
        SUM(r.lost_links) AS lost_links,
        MIN(r.first_seen) AS first_seen,
        MAX(r.last_seen) AS last_seen
    FROM referring AS r
    JOIN lists AS l ON l.file = r.file
    GROUP BY r.domain, r.site, l.list
) AS by_list
GROUP BY domain, site
