-- What the names of some domains look like. IP addresses, which are no names, and punycode, which hides letters, get an
-- empty label.
SELECT
    place,
    owner,
    CAST(LENGTH(label) AS SMALLINT) AS characters,
    CAST(LENGTH(label) - LENGTH(letters) AS SMALLINT) AS hyphens,
    CAST(REGEXP_MATCHES(label, '[0-9].*[0-9].*[0-9]') AS SMALLINT) AS many_digits,
    CAST(REGEXP_MATCHES(letters, $spam_anywhere) OR REGEXP_MATCHES(label, $spam_alone) AS SMALLINT) AS spam_word,
    CAST(REGEXP_MATCHES(letters, $seller_anywhere) OR REGEXP_MATCHES(label, $seller_alone) AS SMALLINT) AS seller_word,
    CAST(REGEXP_MATCHES(name, $trusted) AS SMALLINT) AS trusted
FROM (
    SELECT *, CASE WHEN CONTAINS(label, '-') THEN REPLACE(label, '-', '') ELSE label END AS letters
    FROM (
        SELECT
            a.place,
            r.owner,
            r.name,
            CASE
                WHEN r.name LIKE 'xn--%' OR CONTAINS(r.name, ':') THEN ''
                WHEN r.name < ':' AND REGEXP_MATCHES(r.name, '^[0-9.]+$') THEN ''
                ELSE SPLIT_PART(r.name, '.', 1)
            END AS label
        FROM {registered} AS r
        JOIN asked AS a ON a.number = r.number
    ) AS named_labels
) AS spelled
