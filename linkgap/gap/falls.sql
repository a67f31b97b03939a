-- By how much each domain's authority falls from one state to the other, in the same metric of the same provider.
SELECT x.origin AS origin, x.authority - y.authority AS fall
FROM {here} AS x
JOIN {there} AS y ON y.name = x.name AND y.origin = x.origin
WHERE x.authority IS NOT NULL AND y.authority IS NOT NULL
