-- DuckDB functions that the statements use and that Spark lacks or names differently, and the conversions from the text
-- of a cell to a value, which linkgap/loaders/macros.sql has for DuckDB and explains.

-- Without (?u), Java ignores the case of ASCII letters only.
CREATE OR REPLACE TEMPORARY FUNCTION regexp_matches(text STRING, pattern STRING) RETURNS BOOLEAN
RETURN regexp_like(text, concat('(?u)', pattern));

-- Takes half the time of split_part, which splits the whole address.
CREATE OR REPLACE TEMPORARY FUNCTION host_part(url STRING) RETURNS STRING
RETURN substring_index(substring_index(url, '/', 3), '/', -1);

-- trim and lower as DuckDB defines them, for the shared statements: trim removes whatever Unicode counts as a space, as
-- spreadsheets from France contain, and lower maps one letter to one. Nearly every text is ASCII, and takes no time.
CREATE OR REPLACE TEMPORARY FUNCTION trimmed(text STRING) RETURNS STRING
RETURN CASE
    WHEN octet_length(text) = length(text) THEN btrim(text)
    ELSE regexp_replace(text, '^\p{Zs}+|\p{Zs}+\z', '')
END;

CREATE OR REPLACE TEMPORARY FUNCTION lowered(text STRING) RETURNS STRING
RETURN CASE WHEN octet_length(text) = length(text) THEN lcase(text) ELSE lcase(translate(text, 'İΣ', 'iσ')) END;

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
        'verdadeiro', 'sim', 'waar', 'prawda', 'tak', 'истина', 'да', 'істина', 'sand', 'sant', 'sann', 'tosi', 'pravda',
        'igaz', 'doğru', 'adevărat', 'cert', 'αληθησ', 'αληθής', 'αληθεσ', 'αληθές', 'ναι', 'evet', 'ano',
        'igen', 'da', '真', '是', 'はい', '예', '참', 'כן', '✓', '✔', '✔️', '✅', '☑', '☑️') THEN true
    WHEN lower(trim(cell)) IN (
        'false', 'no', 'n', 'f', '0', '0.0', 'falsch', 'nein', 'faux', 'non', 'falso', 'não', 'onwaar', 'nee', 'fałsz',
        'nie', 'ложь', 'нет', 'хибність', 'falsk', 'falskt', 'usann', 'epätosi', 'nepravda', 'hamis', 'yanlış', 'yanliş',
        'fals', 'ψευδησ', 'ψευδής', 'ψευδεσ', 'ψευδές', 'όχι', 'οχι', 'hayır', 'hayir', 'ne', 'nem', 'nu', '假', '否',
        'いいえ', '아니요', '거짓', 'לא', '✗', '✘', '❌', '✖', '✖️') THEN false
END;

CREATE OR REPLACE TEMPORARY FUNCTION as_nofollow(cell STRING) RETURNS BOOLEAN
RETURN coalesce(as_flag(cell), CASE
    WHEN regexp_like(lower(cell), '(?<!\w)(no[- ]?follow|ugc|sponsored)(?!\w)') THEN true
    WHEN regexp_like(lower(trim(cell)), '^(do[- ]?)?follow(ed)?\z') THEN false
END);

-- Numbers as DuckDB reads them: 1_000 is one, and 12d, which Java takes for one, is not.
CREATE OR REPLACE TEMPORARY FUNCTION as_plain_number(cell STRING) RETURNS DOUBLE
RETURN CASE
    WHEN regexp_like(
            cell, '^[ \t-\r]*[+-]?(\d[\d_]*\.?|\d[\d_]*\.\d[\d_]*|\.\d[\d_]*)([eE][+-]?\d[\d_]*)?[ \t-\r]*\z')
        AND NOT (contains(cell, '_') AND regexp_like(cell, '_(?!\d)'))
        AND isfinite(try_cast(replace(cell, '_', '') AS DOUBLE))
        THEN try_cast(replace(cell, '_', '') AS DOUBLE)
END;

CREATE OR REPLACE TEMPORARY FUNCTION as_grouped_number(cell STRING) RETURNS DOUBLE
RETURN try_cast(
    CASE
        WHEN regexp_like(cell, '^-?(\d+,\d{1,2}|0,\d+|\d,\d+[Ee][+-]?\d{1,2})\z') THEN replace(cell, ',', '.')
        WHEN regexp_like(cell, '^-?\d{1,3}(,\d{3})+(\.\d+)?\z') THEN replace(cell, ',', '')
        WHEN regexp_like(cell, '^-?\d{1,3}(\.\d{3})+,\d+\z') THEN replace(replace(cell, '.', ''), ',', '.')
        WHEN regexp_like(cell, '^-?\d{1,3}(\.\d{3}){2,}\z') THEN replace(cell, '.', '')
        WHEN regexp_like(cell, '^-?\d+([.,]\d+)? ?%\z') THEN trim(replace(replace(cell, '%', ''), ',', '.'))
        WHEN regexp_like(cell, '^-?\d{1,3}([ \x{a0}\x{2009}\x{202f}\x27\x{2019}]\d{3})+([.,]\d+)?\z') THEN
            replace(regexp_replace(cell, '[ \x{a0}\x{2009}\x{202f}\x27\x{2019}]', ''), ',', '.')
        WHEN regexp_like(cell, '^-?\d{1,3}([.,]\d{1,2})? ?[KkMm]\z') THEN
            replace(replace(replace(replace(lower(cell), ' ', ''), ',', '.'), 'k', 'e3'), 'm', 'e6')
        WHEN regexp_like(cell, '^[<>~] ?\d+\z') THEN regexp_replace(cell, '[<>~ ]', '')
    END AS DOUBLE);

CREATE OR REPLACE TEMPORARY FUNCTION as_number(cell STRING) RETURNS DOUBLE
RETURN coalesce(as_plain_number(cell), as_grouped_number(trim(cell)));

CREATE OR REPLACE TEMPORARY FUNCTION as_count(number DOUBLE) RETURNS BIGINT
RETURN CASE WHEN abs(number) < 1E15D THEN CAST(round(number) AS BIGINT) END;

CREATE OR REPLACE TEMPORARY FUNCTION as_integer(cell STRING) RETURNS BIGINT
RETURN CASE
    WHEN regexp_like(cell, '^[ \t\n\f\r]*-?[1-9]\d{0,2}\.\d{3}[ \t\n\f\r]*\z')
        THEN try_cast(replace(trim(cell), '.', '') AS BIGINT)
    ELSE as_count(as_number(cell))
END;

CREATE OR REPLACE TEMPORARY FUNCTION as_loss(cell STRING) RETURNS BOOLEAN
RETURN coalesce(as_flag(cell), CASE
    WHEN lower(trim(cell)) IN (
        'lost', 'link lost', 'removed', 'link removed', 'deleted', 'not found', 'link not found', 'lnf', 'missing', 'gone',
        'dead', 'inactive', '404', '410') THEN true
    WHEN lower(trim(cell)) IN (
        'live', 'active', 'alive', 'ok', 'found', 'link found', 'new', 'present', 'online', '200', 'wlp', 'wr', 'wa', 'lpe',
        'ni') THEN false
END);

CREATE OR REPLACE TEMPORARY FUNCTION names_total(cell STRING) RETURNS BOOLEAN
RETURN CASE
    WHEN contains(cell, '.') THEN false
    ELSE regexp_like(lower(cell), '^\s*(?:grand |sub-?)?(?:totals?|totale|totaal|eindtotaal|sum|summe|summa|totalsumma|suma|gesamt|insgesamt|(?:gesamt)?ergebnis|celkem|toplam|итого?|всего|合計|集計|総計|合计|汇总|总计|總計|합계|average|avg|mittelwert|durchschnitt|moyenne|promedio)\s*:?[\d, ]*\z')
END;

CREATE OR REPLACE TEMPORARY FUNCTION tells_loss(cell STRING) RETURNS BOOLEAN
RETURN CASE
    WHEN says_something(cell) THEN coalesce(as_loss(cell), true)
    ELSE false
END;

CREATE OR REPLACE TEMPORARY FUNCTION as_iso_day(cell STRING) RETURNS DATE
RETURN CASE
    WHEN regexp_like(cell, '^(20\d\d|199\d)-\d\d-\d\d') THEN try_cast(left(cell, 10) AS DATE)
END;

-- The date at the beginning of a cell, with slashes: 03/04/2026 for 03.04.2026 09:30.
CREATE OR REPLACE TEMPORARY FUNCTION as_slashed_day(cell STRING) RETURNS STRING
RETURN regexp_replace(regexp_extract(cell, '^[\d/.-]+', 0), '[.-]', '/');

CREATE OR REPLACE TEMPORARY FUNCTION as_month(name STRING) RETURNS INT
RETURN CASE
    WHEN lower(name) IN (
        'jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec', 'january', 'february', 'march',
        'april', 'june', 'july', 'august', 'september', 'october', 'november', 'december')
        THEN (locate(lower(left(name, 3)), 'janfebmaraprmayjunjulaugsepoctnovdec') + 2) DIV 3
END;

CREATE OR REPLACE TEMPORARY FUNCTION as_named_day(day STRING, month STRING, year STRING) RETURNS DATE
RETURN CASE WHEN as_month(month) IS NOT NULL THEN try_cast(concat(year, '-', as_month(month), '-', day) AS DATE) END;

CREATE OR REPLACE TEMPORARY FUNCTION without_blanks(day STRING) RETURNS STRING
RETURN CASE
    WHEN contains(day, '. ') OR day LIKE '%.' THEN regexp_replace(day, '^(\d+)\. ?(\d+)\. ?(\d+)\.?', '$1.$2.$3')
    WHEN contains(day, '年') OR contains(day, '년')
        THEN regexp_replace(day, '^(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]', '$1.$2.$3')
    ELSE day
END;

-- Months by the first letters of their names in Western languages other than English, and in Polish, Russian,
-- Ukrainian, Turkish, Greek and Romanian. It is one text to search, not a CASE, as it is part of every plan that reads a
-- day, and many branches take longer to plan. Croatian is left out: its lipanj and listopad are one month earlier than
-- the Polish lipiec and listopad.
CREATE OR REPLACE TEMPORARY FUNCTION as_worded_month(word STRING) RETURNS STRING
RETURN nullif(split_part(split_part(
    '|jan=1|jän=1|ene=1|gen=1|ian=1|oca=1|sty=1|янв=1|січ=1|ιαν=1|
    |feb=2|fév=2|fev=2|şub=2|lut=2|фев=2|лют=2|φεβ=2|mar=3|mär=3|mrt=3|maa=3|мар=3|бер=3|μαρ=3|μάρ=3|
    |apr=4|avr=4|abr=4|nis=4|kwi=4|апр=4|кві=4|απρ=4|
    |may=5|mai=5|mag=5|maj=5|mei=5|май=5|мая=5|тра=5|μαι=5|μαΐ=5|μάι=5|
    |juin=6|ιουν=6|jun=6|giu=6|iun=6|haz=6|cze=6|июн=6|чер=6|
    |juil=7|ιουλ=7|jul=7|lug=7|iul=7|tem=7|lip=7|июл=7|лип=7|
    |aug=8|aoû=8|ago=8|ağu=8|agu=8|sie=8|авг=8|сер=8|αυγ=8|αύγ=8|sep=9|set=9|eyl=9|wrz=9|сен=9|вер=9|σεπ=9|
    |oct=10|okt=10|ott=10|out=10|eki=10|paź=10|окт=10|жов=10|οκτ=10|
    |nov=11|noi=11|kas=11|lis=11|ноя=11|лис=11|νοε=11|
    |dec=12|déc=12|dez=12|dic=12|des=12|ara=12|gru=12|дек=12|гру=12|δεκ=12|',
    '|' || left(word, CASE WHEN left(word, 3) IN ('jui', 'ιου') THEN 4 ELSE 3 END) || '=', 2), '|', 1), '');

-- Day (1), month (2) or year (3) of a date such as 1 janv. 2026, 2 de enero de 2026 or 3 янв. 2026 г.; else empty.
CREATE OR REPLACE TEMPORARY FUNCTION worded_part(cell STRING, part INT) RETURNS STRING
RETURN regexp_extract(
    cell,
    '^(\d{1,2})(?:\.|er|º)? ?(?:de )?([^\d\s.,]{3,})\.?,? ?(?:de )?((?:199|20\d)\d)(?:[ \x{a0}\x{202f}]?[гр]\.)?\z', part);

CREATE OR REPLACE TEMPORARY FUNCTION as_worded_day(cell STRING) RETURNS DATE
RETURN try_cast(CASE
    WHEN regexp_like(cell, '^\d{1,2}[^\d/-]{4,}\d') AND NOT regexp_like(cell, '^\d+\. [Ll]i[ps]')
        THEN worded_part(cell, 3) || '-' || as_worded_month(lower(worded_part(cell, 2))) || '-' || worded_part(cell, 1)
END AS DATE);

CREATE OR REPLACE TEMPORARY FUNCTION as_local_day(cell STRING, day_first BOOLEAN) RETURNS DATE
RETURN CASE
    WHEN regexp_like(cell, '^\d{1,2}[/.-]\d{1,2}[/.-](?:199|20\d)\d') AND day_first IS NOT NULL THEN try_cast(
        regexp_replace(
            as_slashed_day(cell), '^(\d+)/(\d+)/(\d{4})$', CASE WHEN day_first THEN '$3-$2-$1' ELSE '$3-$1-$2' END)
        AS DATE)
    WHEN regexp_like(cell, '^\d{1,2}[/.-]\d{1,2}[/.-][0-3]\d(?:\s|\z)') AND day_first IS NOT NULL THEN try_cast(
        regexp_replace(
            as_slashed_day(cell), '^(\d+)/(\d+)/(\d\d)$', CASE WHEN day_first THEN '20$3-$2-$1' ELSE '20$3-$1-$2' END)
        AS DATE)
    WHEN regexp_like(cell, '^(?:199|20\d)\d[/.-]\d{1,2}[/.-]\d{1,2}')
        THEN try_cast(replace(as_slashed_day(cell), '/', '-') AS DATE)
    WHEN regexp_like(cell, '^(3[3-9]|[4-6]\d|7[0-2])\d{3}(\.\d+)?\z')
        THEN date_add(DATE '1899-12-30', CAST(left(cell, 5) AS INT))
    WHEN regexp_like(cell, '^20\d{6}\z') THEN try_cast(regexp_replace(cell, '^(.{4})(..)(..)$', '$1-$2-$3') AS DATE)
    WHEN regexp_like(cell, '^[A-Za-z]{3,9} \d{1,2},? [0-3]\d\b') THEN as_named_day(
        regexp_extract(cell, ' (\d{1,2})', 1), regexp_extract(cell, '^[A-Za-z]+', 0),
        concat('20', regexp_extract(cell, '\d,? (\d\d)', 1)))
    WHEN regexp_like(cell, '^\d{1,2}([ -])[A-Za-z]{3,9}\1[0-3]\d\b') THEN as_named_day(
        regexp_extract(cell, '^\d+', 0), regexp_extract(cell, '[A-Za-z]+', 0),
        concat('20', regexp_extract(cell, '[A-Za-z][ -](\d\d)', 1)))
    WHEN regexp_like(cell, '^[A-Za-z]{3,9} \d{1,2},? (?:199|20\d)\d') THEN as_named_day(
        regexp_extract(cell, ' (\d{1,2})', 1), regexp_extract(cell, '^[A-Za-z]+', 0), regexp_extract(cell, ' (\d{4})', 1))
    WHEN regexp_like(cell, '^\d{1,2}([ -])[A-Za-z]{3,9}\1(?:199|20\d)\d') THEN as_named_day(
        regexp_extract(cell, '^\d+', 0), regexp_extract(cell, '[A-Za-z]+', 0), regexp_extract(cell, '[ -](\d{4})', 1))
END;

CREATE OR REPLACE TEMPORARY FUNCTION as_day(cell STRING, day_first BOOLEAN) RETURNS DATE
RETURN coalesce(
    as_iso_day(cell), as_local_day(without_blanks(trim(cell)), day_first), as_worded_day(trim(cell)));
