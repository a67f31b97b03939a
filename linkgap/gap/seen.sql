-- What each file says of each candidate; in files of the site itself it may stand as a lost link.
SELECT
    r.domain,
    r.file,
    SUM(CASE WHEN c.is_rival THEN r.links ELSE 0 END) AS links,
    MAX(r.authority) AS authority,
    MAX(r.page_authority) AS page_authority,
    MAX(r.traffic) AS traffic,
    MAX(r.referring_domains) AS referring_domains,
    MAX(r.linked_domains) AS linked_domains,
    MAX(r.spam) AS spam,
    MAX(r.spam_score) AS spam_score
FROM referring AS r
JOIN candidates AS p ON p.domain = r.domain
JOIN compared AS c ON c.number = r.site
GROUP BY r.domain, r.file
