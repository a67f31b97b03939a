-- The domains that link to enough rivals, to all required sites and to no forbidden one. A gap forbids the site itself.
CREATE OR REPLACE TABLE candidates AS
SELECT domain, linked, lost
FROM members
WHERE
    BIT_COUNT(linked & $rivals) >= $min_rivals
    AND (linked & $required) = $required
    AND (linked & $forbidden) = 0
