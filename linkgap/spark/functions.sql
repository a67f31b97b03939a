-- Functions of DuckDB that the statements use and that Spark has under another name, or not at all; and how the text of
-- a cell becomes a value, as linkgap/loaders/macros.sql has it: but for numbers and days in one writing only, the one in
-- which tables are kept (1234.5 and 2026-01-31). What stands otherwise is null, and counted by the caller.
CREATE OR REPLACE TEMPORARY FUNCTION starts_with(text STRING, start STRING) RETURNS BOOLEAN
RETURN startswith(text, start);

CREATE OR REPLACE TEMPORARY FUNCTION regexp_matches(text STRING, pattern STRING) RETURNS BOOLEAN
RETURN regexp_like(text, pattern);

-- Half the time of split_part, which splits the whole address.
CREATE OR REPLACE TEMPORARY FUNCTION host_part(url STRING) RETURNS STRING
RETURN substring_index(substring_index(url, '/', 3), '/', -1);

CREATE OR REPLACE TEMPORARY FUNCTION isfinite(number DOUBLE) RETURNS BOOLEAN
RETURN abs(number) <= 1.7976931348623157E308D;

CREATE OR REPLACE TEMPORARY FUNCTION as_text(cell STRING) RETURNS STRING
RETURN nullif(trim(cell), '');

CREATE OR REPLACE TEMPORARY FUNCTION says_something(cell STRING) RETURNS BOOLEAN
RETURN CASE
    WHEN cell IS NULL OR cell = '' THEN false
    ELSE lower(trim(cell)) NOT IN (
        '', '-', '--', 'n/a', 'na', 'nan', 'nat', 'none', 'null', '<na>', 'unknown', '0000-00-00', '0000-00-00 00:00:00')
END;

CREATE OR REPLACE TEMPORARY FUNCTION as_flag(cell STRING) RETURNS BOOLEAN
RETURN CASE
    WHEN lower(trim(cell)) IN (
        'true', 'yes', 'y', 't', 'x', '1', '1.0', 'wahr', 'ja', 'vrai', 'oui', 'verdadero', 'sí', 'si', 'vero', 'sì',
        'verdadeiro', 'sim', 'waar', 'prawda', 'tak', 'истина', 'да') THEN true
    WHEN lower(trim(cell)) IN (
        'false', 'no', 'n', 'f', '0', '0.0', 'falsch', 'nein', 'faux', 'non', 'falso', 'não', 'onwaar', 'nee', 'fałsz',
        'nie', 'ложь', 'нет') THEN false
END;

CREATE OR REPLACE TEMPORARY FUNCTION as_plain_number(cell STRING) RETURNS DOUBLE
RETURN CASE WHEN isfinite(try_cast(cell AS DOUBLE)) THEN try_cast(cell AS DOUBLE) END;

CREATE OR REPLACE TEMPORARY FUNCTION as_number(cell STRING) RETURNS DOUBLE
RETURN CASE
    WHEN regexp_like(trim(cell), '^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$') AND isfinite(try_cast(trim(cell) AS DOUBLE))
        THEN try_cast(trim(cell) AS DOUBLE)
END;

CREATE OR REPLACE TEMPORARY FUNCTION as_count(number DOUBLE) RETURNS BIGINT
RETURN CASE WHEN abs(number) < 1E15D THEN CAST(round(number) AS BIGINT) END;

CREATE OR REPLACE TEMPORARY FUNCTION as_integer(cell STRING) RETURNS BIGINT
RETURN as_count(as_number(cell));

CREATE OR REPLACE TEMPORARY FUNCTION tells_loss(cell STRING) RETURNS BOOLEAN
RETURN CASE
    WHEN says_something(cell) THEN coalesce(as_flag(cell), true)
    ELSE false
END;

CREATE OR REPLACE TEMPORARY FUNCTION as_iso_day(cell STRING) RETURNS DATE
RETURN CASE
    WHEN regexp_like(cell, '^(20\d\d|199\d)-\d\d-\d\d') THEN try_cast(left(cell, 10) AS DATE)
END;

CREATE OR REPLACE TEMPORARY FUNCTION as_day(cell STRING, day_first BOOLEAN) RETURNS DATE
RETURN as_iso_day(trim(cell));
