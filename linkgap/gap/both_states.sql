-- Every domain that links to a compared site in either state: its number and the sum of the sites' bits in each.
CREATE OR REPLACE TABLE both_states AS
SELECT
    COALESCE(a.name, b.name) AS name,
    b.number AS number_before,
    a.number AS number_after,
    COALESCE(b.linked, 0) AS linked_before,
    COALESCE(a.linked, 0) AS linked_after
FROM (SELECT name, number, BIT_OR(linked) AS linked FROM {before} GROUP BY name, number) AS b
FULL JOIN (SELECT name, number, BIT_OR(linked) AS linked FROM {after} GROUP BY name, number) AS a ON a.name = b.name
WHERE (COALESCE(a.linked, 0) | COALESCE(b.linked, 0)) <> 0
