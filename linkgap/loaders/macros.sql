-- How the text of a cell becomes a value; what can't become one is null, and counted by the caller.

CREATE OR REPLACE MACRO as_text(cell) AS nullif(trim(cell), '');

-- The first case of each of these settles nearly every cell; the costlier ones are then not looked at.
CREATE OR REPLACE MACRO says_something(cell) AS CASE
    WHEN cell IS NULL OR cell = '' THEN false
    ELSE lower(trim(cell)) NOT IN ('', '-', '--', 'n/a', 'na', 'nan', 'nat', 'none', 'null', '<na>', 'unknown')
END;

CREATE OR REPLACE MACRO as_flag(cell) AS CASE
    WHEN cell = 'false' THEN false
    WHEN cell = 'true' THEN true
    WHEN lower(trim(cell)) IN ('true', 'yes', 'y', 't', 'x', '1', '1.0') THEN true
    WHEN lower(trim(cell)) IN ('false', 'no', 'n', 'f', '0', '0.0') THEN false
END;

-- Commas are thousands marks unless one or two digits follow the only one: 1,240 but 37,5.
CREATE OR REPLACE MACRO as_grouped_number(cell) AS try_cast(
    CASE
        WHEN regexp_full_match(cell, '-?\d+,\d{1,2}') THEN replace(cell, ',', '.')
        WHEN regexp_full_match(cell, '-?\d{1,3}(,\d{3})+(\.\d+)?') THEN replace(cell, ',', '')
        WHEN regexp_full_match(cell, '-?\d{1,3}(\.\d{3})+,\d+') THEN replace(replace(cell, '.', ''), ',', '.')
        WHEN regexp_full_match(cell, '-?\d+(\.\d+)? ?%') THEN replace(cell, '%', '')
        WHEN regexp_full_match(cell, '-?\d{1,3}([ \x{a0}\x{202f}]\d{3})+') THEN regexp_replace(cell, '[ \x{a0}\x{202f}]', '', 'g')
        WHEN regexp_full_match(cell, '[<>~] ?\d+') THEN regexp_replace(cell, '[<>~ ]', '', 'g')
    END AS DOUBLE);

CREATE OR REPLACE MACRO as_number(cell) AS coalesce(
    CASE WHEN isfinite(try_cast(cell AS DOUBLE)) THEN try_cast(cell AS DOUBLE) END,
    as_grouped_number(trim(cell)));

CREATE OR REPLACE MACRO as_integer(cell) AS try_cast(round(as_number(cell)) AS BIGINT);

-- day_first is null when the order of day and month is not known: such dates are then not read.
CREATE OR REPLACE MACRO as_local_day(cell, day_first) AS CAST(
    CASE
        WHEN regexp_matches(cell, '^\d{1,2}[/.-]\d{1,2}[/.-]\d{4}') AND day_first IS NOT NULL THEN try_strptime(
            regexp_replace(regexp_extract(cell, '^[\d/.-]+'), '[.-]', '/', 'g'),
            CASE WHEN day_first THEN '%d/%m/%Y' ELSE '%m/%d/%Y' END)
        WHEN regexp_matches(cell, '^\d{4}[/.]\d{1,2}[/.]\d{1,2}') THEN try_strptime(
            replace(regexp_extract(cell, '^[\d/.]+'), '.', '/'), '%Y/%m/%d')
        WHEN regexp_full_match(cell, '20\d{6}') THEN try_strptime(cell, '%Y%m%d')
        WHEN regexp_matches(cell, '[A-Za-z]') THEN try_strptime(
            regexp_extract(cell, '^(?:[A-Za-z]{3,9}\.? \d{1,2},? \d{4}|\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{4})'),
            ['%b %d, %Y', '%B %d, %Y', '%b %d %Y', '%d %b %Y', '%d %B %Y', '%d-%b-%Y', '%d-%B-%Y'])
    END AS DATE);

CREATE OR REPLACE MACRO as_day(cell, day_first) AS coalesce(
    try_cast(left(cell, 10) AS DATE), as_local_day(trim(cell), day_first));
