-- What the names of some domains look like. An IP address is no name, and punycode hides the letters.
SELECT
    place,
    owner,
    LENGTH(label) AS characters,
    LENGTH(label) - LENGTH(REPLACE(label, '-', '')) AS hyphens,
    LENGTH(label) - LENGTH(TRANSLATE(label, '0123456789', '')) AS digits,
    CAST(
        REGEXP_MATCHES(REPLACE(label, '-', ''), $spam_anywhere) OR REGEXP_MATCHES(label, $spam_alone) AS INTEGER
    ) AS spam_word,
    CAST(
        REGEXP_MATCHES(REPLACE(label, '-', ''), $seller_anywhere) OR REGEXP_MATCHES(label, $seller_alone) AS INTEGER
    ) AS seller_word,
    CAST(REGEXP_MATCHES(name, $trusted) AS INTEGER) AS trusted
FROM (
    SELECT
        a.place,
        k.domain AS owner,
        d.domain AS name,
        CASE
            WHEN STARTS_WITH(d.domain, 'xn--') OR CONTAINS(d.domain, ':') OR REGEXP_MATCHES(d.domain, '^[0-9.]+$')
                THEN ''
            ELSE SPLIT_PART(d.domain, '.', 1)
        END AS label
    FROM asked AS a
    JOIN {registered} AS k ON k.number = a.number
    JOIN domains AS d ON d.number = k.domain
) AS named_labels
ORDER BY place
