-- What became of each file's records, and the sites that those which were kept are for.
SELECT file, verdict, site, CAST(0 AS TINYINT) AS reason, SUM(records) AS records
FROM judged
GROUP BY file, verdict, site
UNION ALL
SELECT file, 'set apart' AS verdict, NULL AS site, reason, records
FROM set_apart
