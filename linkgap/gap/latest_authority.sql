-- The latest authority of each domain in each metric: that of the state after, or else that of the state before.
CREATE OR REPLACE TABLE latest_authority AS
SELECT name, {latest}
FROM (
    SELECT s.name AS name, o.metric AS metric, s.authority AS after, CAST(NULL AS DOUBLE) AS before
    FROM {after} AS s
    JOIN origins AS o ON o.origin = s.origin
    UNION ALL
    SELECT s.name AS name, o.metric AS metric, CAST(NULL AS DOUBLE) AS after, s.authority AS before
    FROM {before} AS s
    JOIN origins AS o ON o.origin = s.origin
) AS figures
GROUP BY name
