-- Which compared sites each domain links to, all files together.
CREATE OR REPLACE TABLE members AS
SELECT domain, BIT_OR(linked) AS linked, BIT_OR(lost) AS lost
FROM seen
GROUP BY domain
