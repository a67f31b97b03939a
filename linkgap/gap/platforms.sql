-- Names that stand below another one, as those of bloggers do below their platform's: directly, or its last two labels.
CREATE OR REPLACE TABLE platforms AS
SELECT l.name AS below, a.name AS above
FROM (
    SELECT name, SUBSTRING(name, LENGTH(SPLIT_PART(name, '.', 1)) + 2) AS rest FROM {labels} WHERE name LIKE '%.%.%'
    UNION
    SELECT name, REGEXP_EXTRACT(name, '[^.]+[.][^.]+$', 0) AS rest FROM {labels} WHERE name LIKE '%.%.%'
) AS l
JOIN {labels} AS a ON a.name = l.rest
