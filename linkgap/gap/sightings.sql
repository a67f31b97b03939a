-- What each provider shows of each domain: the sites it links to, those of them that it names it for (a list of domains
-- names no host), those that a list of domains shows (it may have folded others into it), those that such a list calls
-- lost, its authority.
SELECT
    l.name AS name,
    s.domain AS number,
    o.origin AS origin,
    BIT_OR(s.linked) AS linked,
    BIT_OR(CASE WHEN o.names_sources THEN s.linked ELSE 0 END) AS named,
    BIT_OR(CASE WHEN o.folds THEN s.linked ELSE 0 END) AS folded,
    BIT_OR(CASE WHEN o.tells_lost THEN s.lost ELSE 0 END) AS lost,
    {authority} AS authority
FROM seen AS s
JOIN labels AS l ON l.number = s.domain
JOIN file_origins AS o ON o.file = s.file
GROUP BY l.name, s.domain, o.origin
