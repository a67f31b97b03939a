-- What became of each file's records: their numbers by verdict, with the site or the reason.
SELECT file, verdict, site, CAST(0 AS TINYINT) AS reason, SUM(records) AS records
FROM judged
GROUP BY file, verdict, site
UNION ALL
SELECT file, 'set apart' AS verdict, NULL AS site, reason, records
FROM set_apart
