-- Names below a platform's, such as me.blogspot.com below blogspot.com: directly, or, if the platform's name has two
-- labels, also with other labels in between.
CREATE OR REPLACE TABLE platforms AS
SELECT l.number AS below, p.number AS above
FROM (
    SELECT number, SUBSTRING(name, LENGTH(SPLIT_PART(name, '.', 1)) + 2) AS rest
    FROM {labels}
    WHERE name LIKE '%.%.%'
    UNION ALL
    SELECT number, REGEXP_EXTRACT(name, '[^.]+[.][^.]+$', 0) AS rest
    FROM {labels}
    WHERE name LIKE '%.%.%.%'
) AS l
JOIN (
    SELECT a.number, a.name
    FROM {labels} AS a
    JOIN platform_names AS n ON n.name = a.name
) AS p ON p.name = l.rest
