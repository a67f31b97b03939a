-- Both states of each domain, with what the lists say about links that only one of them shows, and its authority.
SELECT
    b.number_before,
    b.number_after,
    b.linked_before,
    b.linked_after,
    {columns}
FROM both_states AS b
LEFT JOIN came AS c ON c.name = b.name
LEFT JOIN went AS w ON w.name = b.name
LEFT JOIN latest_authority AS l ON l.name = b.name
ORDER BY b.name
