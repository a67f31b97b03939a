-- Numbers in place of names: every host as the files write it, and the number of its domain (or host), in order of the names.
CREATE OR REPLACE TABLE keys AS
SELECT n.raw AS raw, n.domain AS domain, n.name AS name, numbered.number AS number, $level AS level
FROM (SELECT raw, domain, CASE WHEN $level = 'host' THEN host ELSE domain END AS name FROM names WHERE domain IS NOT NULL) AS n
JOIN (
    SELECT name, ROW_NUMBER() OVER (ORDER BY name) - 1 AS number
    FROM (
        SELECT DISTINCT CASE WHEN $level = 'host' THEN host ELSE domain END AS name
        FROM names
        WHERE domain IS NOT NULL
    ) AS distinct_names
) AS numbered ON numbered.name = n.name
