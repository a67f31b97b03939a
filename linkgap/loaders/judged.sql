-- Every row of `hosts` with its domain and its site, or the reason why it is no link between the two.
CREATE OR REPLACE VIEW judged AS
SELECT
    h.*,
    n.host AS host,
    n.domain AS domain,
    t.site AS site,
    COALESCE(
        h.reason,
        CASE
            WHEN n.domain IS NULL THEN 'no domain'
            WHEN t.site IS NULL THEN 'other site'
            WHEN n.domain = t.site_domain THEN 'self link'
        END,
        'kept'
    ) AS verdict
FROM hosts AS h
LEFT JOIN names AS n ON n.raw = h.source
LEFT JOIN targets AS t ON t.file = h.file AND t.target = h.target AND t.landing = h.landing
