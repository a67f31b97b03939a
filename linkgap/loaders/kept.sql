-- Totals of each file's links: domains, lost records, the records of its largest domain, and all records.
SELECT file, COUNT(*) AS domains, SUM(lost_records) AS lost, MAX(records) AS largest, SUM(records) AS kept
FROM (
    SELECT file, domain, SUM(records) AS records, SUM(CASE WHEN is_lost THEN records ELSE 0 END) AS lost_records
    FROM judged
    WHERE verdict = 'kept'
    GROUP BY file, domain
) AS by_domain
GROUP BY file
