-- The domains that link to enough rivals, to all that are required and none that is forbidden, the site among these.
CREATE OR REPLACE TABLE candidates AS
SELECT domain, linked, lost
FROM members
WHERE
    BIT_COUNT(linked & $rivals) >= $min_rivals
    AND (linked & $required) = $required
    AND (linked & $forbidden) = 0
