-- What each file shows about each candidate.
SELECT s.*
FROM seen AS s
JOIN candidates AS p ON p.domain = s.domain
