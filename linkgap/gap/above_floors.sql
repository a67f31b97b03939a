-- For each domain and provider, the sites (as bits) whose list is cut by authority at a floor that the domain is above.
-- The domain's authority is taken from the state of that list; where this shows none, from the other state, less the
-- usual fall between the two.
CREATE OR REPLACE TABLE above_floors AS
SELECT k.name AS name, o.provider AS provider, BIT_OR(t.bit) AS above
FROM (
    SELECT
        COALESCE(y.name, x.name) AS name,
        COALESCE(y.origin, x.origin) AS origin,
        COALESCE(y.authority, x.authority - d.fall) AS authority
    FROM (SELECT name, origin, authority FROM {here} WHERE authority IS NOT NULL) AS x
    FULL JOIN (SELECT name, origin, authority FROM {there} WHERE authority IS NOT NULL) AS y
        ON y.name = x.name AND y.origin = x.origin
    LEFT JOIN falls AS d ON d.origin = x.origin
) AS k
JOIN floors AS t ON t.origin = k.origin
JOIN origins AS o ON o.origin = k.origin
WHERE k.authority > t.floor
GROUP BY k.name, o.provider
