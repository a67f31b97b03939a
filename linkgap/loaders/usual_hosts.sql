-- The domains of ordinary hosts: plain names with one to three labels before a public suffix that is a plain rule, or
-- with two or three labels and no listed suffix. For all others, domain is null; they are looked up one by one.
CREATE OR REPLACE TABLE resolved AS
SELECT
    h.raw,
    CASE WHEN h.name <> h.raw THEN h.name END AS clean,
    CASE
        WHEN NOT h.is_plain OR itself.suffix IS NOT NULL THEN NULL
        WHEN first.is_plain THEN h.name
        WHEN first.suffix IS NULL AND second.is_plain THEN h.tail
        WHEN first.suffix IS NULL AND second.suffix IS NULL AND third.is_plain THEN h.tail_of_tail
        WHEN first.suffix IS NULL AND strpos(h.tail, '.') = 0 THEN h.name
        WHEN first.suffix IS NULL AND second.suffix IS NULL AND strpos(h.tail_of_tail, '.') = 0 THEN h.tail
    END AS domain
FROM (
    SELECT
        raw,
        name,
        regexp_full_match(name, '[a-z0-9]+(-+[a-z0-9]+)*(\.[a-z0-9]+(-+[a-z0-9]+)*)*\.[a-z][a-z0-9-]*[a-z]')
            AND length(name) <= 63 AS is_plain,
        tail,
        substr(tail, strpos(tail, '.') + 1) AS tail_of_tail
    FROM (
        SELECT raw, name, substr(name, strpos(name, '.') + 1) AS tail
        FROM (SELECT raw, lower(raw) AS name FROM (SELECT DISTINCT raw FROM ({raw}) AS every_host) AS hosts) AS names
    ) AS tails
) AS h
LEFT JOIN suffixes AS itself ON itself.suffix = h.name
LEFT JOIN suffixes AS first ON first.suffix = h.tail
LEFT JOIN suffixes AS second ON second.suffix = h.tail_of_tail
LEFT JOIN suffixes AS third ON third.suffix = substr(h.tail_of_tail, strpos(h.tail_of_tail, '.') + 1)
