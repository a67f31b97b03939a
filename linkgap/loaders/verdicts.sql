SELECT file, verdict, SUM(records) AS records, SUM(unread) AS unread
FROM judged
GROUP BY file, verdict
