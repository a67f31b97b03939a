-- `named` has every host with its domain. `judged` has every row of `hosts` with its domain, its site and a verdict,
-- which is kept, or why it is not a link between the two.
CREATE OR REPLACE VIEW named AS
SELECT h.id, h.raw, COALESCE(c.host, h.raw) AS host, h.domain AS number, d.domain
FROM raw_hosts AS h
LEFT JOIN clean_hosts AS c ON c.id = h.id
LEFT JOIN domains AS d ON d.number = h.domain;

CREATE OR REPLACE VIEW judged AS
SELECT
    h.file,
    h.host,
    h.is_lost,
    h.records,
    h.domain,
    t.site,
    CASE
        WHEN h.domain IS NULL THEN 'no domain'
        WHEN t.site IS NULL THEN 'other site'
        WHEN h.domain = t.site_number THEN 'self link'
        ELSE 'kept'
    END AS verdict
FROM hosts AS h
LEFT JOIN targets AS t ON t.file = h.file AND t.pair = h.pair
