-- By how much the authority of each domain is lower in one state than in the other, by the same metric of one provider.
SELECT x.origin AS origin, x.authority - y.authority AS fall
FROM {here} AS x
JOIN {there} AS y ON y.name = x.name AND y.origin = x.origin
WHERE x.authority IS NOT NULL AND y.authority IS NOT NULL
