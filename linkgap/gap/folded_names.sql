-- Of each domain the sites to which it may have linked in the other state under the name of its platform, which a list of
-- domains shows there, or, if it is a platform that such a list shows here, under a name below it.
CREATE OR REPLACE TABLE folded AS
SELECT name, BIT_OR(sites) AS folded
FROM (
    SELECT p.below AS name, t.folded AS sites
    FROM platforms AS p
    JOIN {there} AS t ON t.name = p.above
    UNION ALL
    SELECT p.above AS name, t.linked AS sites
    FROM platforms AS p
    JOIN {there} AS t ON t.name = p.below
    JOIN {here} AS s ON s.name = p.above AND s.folded <> 0
) AS names
GROUP BY name
