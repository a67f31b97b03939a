-- What each file's links come to: domains, lost records, and the records of its largest domain.
SELECT file, COUNT(*) AS domains, SUM(lost_records) AS lost, MAX(records) AS largest, SUM(records) AS kept, MAX(sites) AS sites
FROM (
    SELECT
        file,
        domain,
        SUM(records) AS records,
        SUM(CASE WHEN is_lost THEN records ELSE 0 END) AS lost_records,
        COUNT(DISTINCT site) AS sites
    FROM judged
    WHERE verdict = 'kept'
    GROUP BY file, domain
) AS by_domain
GROUP BY file
