-- For each domain, the sites that it may link to in the other state under another name: under its platform's, if a list
-- of domains shows that there, or, if it is a platform that lists of domains show here as linking to them, under a name
-- below it.
CREATE OR REPLACE TABLE folded AS
SELECT name, BIT_OR(sites) AS folded
FROM (
    SELECT p.below AS name, t.folded AS sites
    FROM platforms AS p
    JOIN {there} AS t ON t.name = p.above
    UNION ALL
    SELECT p.above AS name, t.linked & s.folded AS sites
    FROM platforms AS p
    JOIN {there} AS t ON t.name = p.below
    JOIN {here} AS s ON s.name = p.above AND s.folded <> 0
) AS names
GROUP BY name
