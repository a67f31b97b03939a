-- The numbers of hosts, in alphabetical order, for use when hosts are compared instead of domains.
CREATE OR REPLACE TABLE host_names AS
SELECT ROW_NUMBER() OVER (ORDER BY name) - 1 AS number, name
FROM (SELECT DISTINCT host AS name FROM named WHERE number IS NOT NULL) AS distinct_hosts
