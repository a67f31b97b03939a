-- How the text of a cell becomes a typed value; what can't be converted is null, and counted by the caller.

CREATE OR REPLACE MACRO as_text(cell) AS nullif(trim(cell), '');

-- What comes after the scheme of an address, up to its path.
CREATE OR REPLACE MACRO host_part(url) AS split_part(url, '/', 3);

-- In each of the following, the first cases settle nearly every cell, so that the costlier ones are not evaluated.
CREATE OR REPLACE MACRO says_something(cell) AS CASE
    WHEN cell IS NULL OR cell = '' THEN false
    ELSE lower(trim(cell)) NOT IN (
        '', '-', '--', 'n/a', 'na', 'nan', 'nat', 'none', 'null', '<na>', 'unknown', '0000-00-00', '0000-00-00 00:00:00')
END;

-- Yes and no, also as spreadsheets write them in the languages of their users.
CREATE OR REPLACE MACRO as_flag(cell) AS CASE
    WHEN cell = 'false' THEN false
    WHEN cell = 'true' THEN true
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

-- The same for a column that says nofollow or follow instead of yes and no; a rel attribute may have other values, too,
-- or only ugc or sponsored: such links are not followed either.
CREATE OR REPLACE MACRO as_nofollow(cell) AS coalesce(as_flag(cell), CASE
    WHEN regexp_matches(lower(cell), '\b(no[- ]?follow|ugc|sponsored)\b') THEN true
    WHEN regexp_full_match(lower(trim(cell)), '(do[- ]?)?follow(ed)?') THEN false
END);

-- Whether a flag whose blank means no is set: it says yes, or anything but no.
CREATE OR REPLACE MACRO is_marked(cell) AS coalesce(as_flag(cell), coalesce(trim(cell), '') NOT IN ('', '-'));

-- Commas are thousands separators, unless there is only one and one or two digits follow it, or it follows a single zero,
-- or the number has an exponent: 1,240 but 37,5 and 0,375 and 1,234E+05. So are points when there are several; a single
-- one is a decimal point: 12.345.678 but 1.240. Spaces and apostrophes are thousands separators, as in French and in
-- Swiss spreadsheets: 1 240,5 and 1'240.5. What tools show on screen, 12.3K and 1.2M, gets into files by copying.
CREATE OR REPLACE MACRO as_grouped_number(cell) AS try_cast(
    CASE
        WHEN regexp_full_match(cell, '-?(\d+,\d{1,2}|0,\d+|\d,\d+[Ee][+-]?\d{1,2})') THEN replace(cell, ',', '.')
        WHEN regexp_full_match(cell, '-?\d{1,3}(,\d{3})+(\.\d+)?') THEN replace(cell, ',', '')
        WHEN regexp_full_match(cell, '-?\d{1,3}(\.\d{3})+,\d+') THEN replace(replace(cell, '.', ''), ',', '.')
        WHEN regexp_full_match(cell, '-?\d{1,3}(\.\d{3}){2,}') THEN replace(cell, '.', '')
        WHEN regexp_full_match(cell, '-?\d+([.,]\d+)? ?%') THEN replace(replace(cell, '%', ''), ',', '.')
        WHEN regexp_full_match(cell, '-?\d{1,3}([ \x{a0}\x{2009}\x{202f}''\x{2019}]\d{3})+([.,]\d+)?') THEN
            replace(regexp_replace(cell, '[ \x{a0}\x{2009}\x{202f}''\x{2019}]', '', 'g'), ',', '.')
        WHEN regexp_full_match(cell, '-?\d{1,3}([.,]\d{1,2})? ?[KkMm]') THEN
            replace(replace(replace(replace(lower(cell), ' ', ''), ',', '.'), 'k', 'e3'), 'm', 'e6')
        WHEN regexp_full_match(cell, '[<>~] ?\d+') THEN regexp_replace(cell, '[<>~ ]', '', 'g')
    END AS DOUBLE);

CREATE OR REPLACE MACRO as_plain_number(cell) AS CASE
    WHEN isfinite(try_cast(cell AS DOUBLE)) THEN try_cast(cell AS DOUBLE)
END;

CREATE OR REPLACE MACRO as_number(cell) AS CASE
    WHEN cell IS NULL OR cell = '' THEN NULL
    WHEN isfinite(try_cast(cell AS DOUBLE)) THEN try_cast(cell AS DOUBLE)
    ELSE as_grouped_number(trim(cell))
END;

-- Whether a link is lost: yes or no, or its state as link monitoring tools write it. Linkody, among them, has WLP and
-- other codes for links that are live, but not as agreed.
CREATE OR REPLACE MACRO as_loss(cell) AS coalesce(as_flag(cell), CASE
    WHEN lower(trim(cell)) IN (
        'lost', 'link lost', 'removed', 'link removed', 'deleted', 'not found', 'link not found', 'lnf', 'missing', 'gone',
        'dead', 'inactive', '404', '410') THEN true
    WHEN lower(trim(cell)) IN (
        'live', 'active', 'alive', 'ok', 'found', 'link found', 'new', 'present', 'online', '200', 'wlp', 'wr', 'wa', 'lpe',
        'ni') THEN false
END);

-- Whether a cell marks the row of totals or averages below a list; a cell with a dot does not, as all addresses have one.
CREATE OR REPLACE MACRO names_total(cell) AS CASE
    WHEN contains(cell, '.') THEN false
    ELSE regexp_matches(lower(cell), '^\s*(?:grand |sub-?)?(?:totals?|totale|totaal|eindtotaal|sum|summe|summa|totalsumma|suma|gesamt|insgesamt|(?:gesamt)?ergebnis|celkem|toplam|итого?|всего|合計|集計|総計|合计|汇总|总计|總計|합계|average|avg|mittelwert|durchschnitt|moyenne|promedio)\s*:?[\d, ]*$')
END;

-- A link is lost when the column holds a date, or any other word that does not deny the loss.
CREATE OR REPLACE MACRO tells_loss(cell) AS CASE
    WHEN cell IS NULL OR cell = '' THEN false
    WHEN cell LIKE '20__-__-__%' THEN true
    WHEN says_something(cell) THEN coalesce(as_loss(cell), true)
    ELSE false
END;

-- No page has a quadrillion links, and the sum of several such numbers would overflow the engine's integers.
CREATE OR REPLACE MACRO as_count(number) AS CAST(try_cast(number AS DECIMAL(15, 0)) AS BIGINT);

-- A count has no fraction, so that a single point before three digits is a thousands separator: 1.240 links.
CREATE OR REPLACE MACRO as_integer(cell) AS CASE
    WHEN contains(cell, '.') AND regexp_full_match(cell, '\s*-?[1-9]\d{0,2}\.\d{3}\s*')
        THEN try_cast(replace(trim(cell), '.', '') AS BIGINT)
    ELSE as_count(as_number(cell))
END;

-- A date with nothing but points between its numbers. Czech, Croatian, Hungarian and Korean spreadsheets write 22. 10. 2026,
-- 22.10.2026. or 2026. 10. 22.; Chinese, Japanese and Korean ones also write it in words: 2026年10月22日, 2026년 10월 22일.
CREATE OR REPLACE MACRO without_blanks(day) AS CASE
    WHEN contains(day, '. ') OR day LIKE '%.' THEN regexp_replace(day, '^(\d+)\. ?(\d+)\. ?(\d+)\.?', '\1.\2.\3')
    WHEN contains(day, '年') OR contains(day, '년')
        THEN regexp_replace(day, '^(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]', '\1.\2.\3')
    ELSE day
END;

-- The month that a word names, by how the name begins in Western languages other than English, and in Polish, Russian,
-- Ukrainian, Turkish, Greek and Romanian. The beginnings are looked up in a single text, as this macro is in every query
-- plan that reads a date, and many cases take longer to plan. Croatian is left out: its lipanj and listopad are one month
-- earlier than the Polish lipiec and listopad.
CREATE OR REPLACE MACRO as_worded_month(word) AS nullif(split_part(split_part(
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

-- A date with such a month: 1 janv. 2026, 2 de enero de 2026 or 3 янв. 2026 г. A macro's argument is copied to each
-- place where it is used, a lambda's is not: the parts are wrapped in a list of one, so that their pattern is in a
-- statement only once.
CREATE OR REPLACE MACRO as_worded_day(cell) AS try_cast(CASE
    WHEN regexp_matches(cell, '^\d{1,2}[^\d/-]{4,}\d') AND NOT regexp_matches(cell, '^\d+\. [Ll]i[ps]')
        THEN list_transform([regexp_extract(
        cell,
        '^(\d{1,2})(?:\.|er|º)? ?(?:de )?([^\d\s.,]{3,})\.?,? ?(?:de )?((?:199|20\d)\d)(?:[ \x{a0}\x{202f}]?[гр]\.)?$',
        ['day', 'month', 'year']
        )], lambda part: part.year || '-' || as_worded_month(lower(part.month)) || '-' || part.day)[1]
END AS DATE);

-- day_first is null when the order of day and month is not known: dates that depend on it are then not read. A number of
-- five digits is what a spreadsheet makes of a date in a cell without a format: days since the end of 1899.
CREATE OR REPLACE MACRO as_local_day(cell, day_first) AS CAST(
    CASE
        WHEN regexp_matches(cell, '^\d{1,2}[/.-]\d{1,2}[/.-](?:199|20\d)\d') AND day_first IS NOT NULL THEN try_strptime(
            regexp_replace(regexp_extract(cell, '^[\d/.-]+'), '[.-]', '/', 'g'),
            CASE WHEN day_first THEN '%d/%m/%Y' ELSE '%m/%d/%Y' END)
        WHEN regexp_matches(cell, '^\d{1,2}[/.-]\d{1,2}[/.-][0-3]\d(?:\s|$)') AND day_first IS NOT NULL THEN try_strptime(
            regexp_replace(regexp_extract(cell, '^[\d/.-]+'), '[.-]', '/', 'g'),
            CASE WHEN day_first THEN '%d/%m/%y' ELSE '%m/%d/%y' END)
        WHEN regexp_matches(cell, '^(?:199|20\d)\d[/.-]\d{1,2}[/.-]\d{1,2}') THEN try_strptime(
            regexp_replace(regexp_extract(cell, '^[\d/.-]+'), '[.-]', '/', 'g'), '%Y/%m/%d')
        WHEN regexp_full_match(cell, '20\d{6}') THEN try_strptime(cell, '%Y%m%d')
        WHEN regexp_full_match(cell, '(3[3-9]|[4-6]\d|7[0-2])\d{3}(\.\d+)?') THEN
            DATE '1899-12-30' + CAST(left(cell, 5) AS INTEGER)
        WHEN regexp_matches(cell, '[A-Za-z]') THEN try_strptime(
            regexp_extract(
                cell, '^(?:[A-Za-z]{3,9}\.? \d{1,2},?|\d{1,2}[ -][A-Za-z]{3,9})[ -](?:(?:199|20\d)\d|[0-3]\d\b)'),
            ['%d-%b-%y', '%d-%B-%y', '%d %b %y', '%d %B %y', '%b %d, %y', '%B %d, %y', '%b %d %y', '%B %d %y',
             '%b %d, %Y', '%B %d, %Y', '%b %d %Y', '%B %d %Y', '%d %b %Y', '%d %B %Y', '%d-%b-%Y', '%d-%B-%Y'])
    END AS DATE);

-- Years before the web or far in the future mean "never", or were misread: 22/10/26 is not a day in the year 22.
CREATE OR REPLACE MACRO as_iso_day(cell) AS CASE
    WHEN cell LIKE '20__-%' OR cell LIKE '199_-%' THEN try_cast(left(cell, 10) AS DATE)
END;

-- The trimmed cell is wrapped in a list of one, too: it would be copied ten times into every statement that reads a
-- date, which would then take twice as long to plan.
CREATE OR REPLACE MACRO as_day(cell, day_first) AS coalesce(
    as_iso_day(cell),
    list_transform([without_blanks(trim(cell))], lambda day: as_local_day(day, day_first))[1],
    as_worded_day(trim(cell)));
