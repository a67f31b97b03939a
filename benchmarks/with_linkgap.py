"""The link gap with linkgap: the same file, the same output as the programs beside this one.

Run as `python benchmarks/with_linkgap.py links.csv top500.csv`.
"""

import sys

import linkgap as lg

SITE = "mysite.example"
SITES = [SITE, *(f"rival-{number}.example" for number in range(1, 11))]
HEADING = [
    *("domain", "rivals_linked", "links", "follow_links", "authority", "first_seen", "last_seen"),
    *("coverage", "likelihood", "priority", "sample_url"),
]


def main() -> None:
    """Run from a shell."""
    path, out = sys.argv[1:]
    links = lg.read_links(path, sites=SITES)
    gap = lg.find_gap(links, site=SITE)
    # The other two programs have no risk. linkgap finds it all the same, but gives it no weight.
    prospects = lg.rank_prospects(gap, risk_weight=0)
    top = prospects.top(500)[HEADING]
    top.to_csv(out, index=False, float_format="%.9f", date_format="%Y-%m-%d")


if __name__ == "__main__":
    main()
