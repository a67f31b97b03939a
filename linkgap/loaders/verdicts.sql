SELECT file, verdict, CAST(0 AS TINYINT) AS reason, SUM(records) AS records
FROM judged
GROUP BY file, verdict
UNION ALL
SELECT file, 'set apart' AS verdict, reason, records
FROM set_apart
