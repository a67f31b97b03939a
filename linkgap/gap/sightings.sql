-- What each provider shows about each domain, as bits of sites: those it links to (`linked`); of these, those in files
-- that name what is compared (`named`: a list of domains names no hosts), and those in lists of domains, which may have
-- folded other names into it (`folded`); those that a list of domains calls lost (`lost`); and its authority.
SELECT
    l.name AS name,
    s.domain AS number,
    o.origin AS origin,
    BIT_OR(s.linked) AS linked,
    BIT_OR(CASE WHEN o.names_sources THEN s.linked ELSE 0 END) AS named,
    BIT_OR(CASE WHEN o.folds THEN s.linked ELSE 0 END) AS folded,
    BIT_OR(CASE WHEN o.can_say_lost THEN s.lost ELSE 0 END) AS lost,
    {authority} AS authority
FROM seen AS s
JOIN labels AS l ON l.number = s.domain
JOIN file_origins AS o ON o.file = s.file
GROUP BY l.name, s.domain, o.origin
