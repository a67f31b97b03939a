-- Which compared sites each domain links to, and which it used to link to, over all files.
CREATE OR REPLACE TABLE members AS
SELECT domain, BIT_OR(linked) AS linked, BIT_OR(lost) AS lost
FROM seen
GROUP BY domain
