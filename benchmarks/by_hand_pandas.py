"""The link gap as a tutorial teaches it: read_csv, a function applied to every row, Python sets.

Run as `python benchmarks/by_hand_pandas.py links.csv top500.csv`.
"""

import sys
from math import sqrt
from statistics import fmean
from urllib.parse import urlparse

import pandas as pd
from publicsuffixlist import PublicSuffixList

SITE = "mysite.example"
RIVALS = [f"rival-{number}.example" for number in range(1, 11)]
SITES = [SITE, *RIVALS]
SUFFIXES = PublicSuffixList()


def get_domain(url: str) -> str:
    """Return the registrable domain of a URL."""
    host = urlparse(url).hostname or ""
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    return SUFFIXES.privatesuffix(host) or host


def cosine(one: set[str], other: set[str]) -> float:
    """Return the similarity of two sets of referring domains, 0 to 1."""
    return len(one & other) / sqrt(len(one) * len(other)) if one and other else 0.0


def weigh_rivals(linking: dict[str, set[str]]) -> dict[str, float]:
    """Return the rivals' weights, by how similar their referring domains are to the site's and each other's; sum 1."""
    own = {rival: cosine(linking[SITE], linking[rival]) for rival in RIVALS}
    among = {
        rival: fmean(cosine(linking[rival], linking[other]) for other in RIVALS if other != rival) for rival in RIVALS
    }
    own_sum, among_sum, own_links = sum(own.values()), sum(among.values()), len(linking[SITE])
    return {
        rival: (own_links * own[rival] / own_sum + 10 * among[rival] / among_sum) / (own_links + 10) for rival in RIVALS
    }


def read_live_links(path: str) -> pd.DataFrame:
    """Read the file and keep live links to a compared site, from domains that are not compared sites themselves."""
    links = pd.read_csv(path)
    links = links[links["lost"].isna()]
    links["domain"] = links["source_url"].apply(get_domain)
    links["site"] = links["target_url"].apply(get_domain)
    return links[links["site"].isin(SITES) & ~links["domain"].isin(SITES)]


def find_prospects(links: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per domain that links to a rival and not to the site, and the links of these domains."""
    linking = {site: set(links.loc[links["site"] == site, "domain"]) for site in SITES}
    candidates = set().union(*(linking[rival] for rival in RIVALS)) - linking[SITE]
    found = links[links["domain"].isin(candidates)].copy()
    found["follow"] = ~(found["nofollow"] | found["ugc"] | found["sponsored"])
    prospects = (
        found.groupby("domain")
        .agg(
            rivals_linked=("site", "nunique"),
            links=("site", "size"),
            follow_links=("follow", "sum"),
            authority=("authority", "max"),
            first_seen=("first_seen", "min"),
            last_seen=("last_seen", "max"),
        )
        .reset_index()
    )
    weights = weigh_rivals(linking)
    prospects["coverage"] = prospects["domain"].apply(
        lambda domain: sum(weights[rival] for rival in RIVALS if domain in linking[rival])
    )
    return prospects, found


def score(prospects: pd.DataFrame) -> pd.DataFrame:
    """Add likelihood and priority."""
    authority = prospects["authority"]
    percentile = (authority.rank(method="average") - 0.5) / len(authority)
    prospects["likelihood"] = (prospects["coverage"] + 0.1 * percentile) / 1.1
    prospects["priority"] = (100 * prospects["likelihood"] * percentile.clip(lower=0.02) ** 0.25).round(9)
    return prospects.sort_values(["priority", "domain"], ascending=[False, True])


def add_samples(top: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Add the page to look at: one with a followed link if there is any, and of these the first by address."""
    pages = found[found["domain"].isin(top["domain"])].sort_values(["follow", "source_url"], ascending=[False, True])
    samples = pages.drop_duplicates("domain")[["domain", "source_url"]].rename(columns={"source_url": "sample_url"})
    return top.merge(samples, on="domain", how="left")


def main() -> None:
    """Run from a shell."""
    source, out = sys.argv[1:]
    prospects, found = find_prospects(read_live_links(source))
    top = add_samples(score(prospects).head(500), found)
    top.to_csv(out, index=False, float_format="%.9f")


if __name__ == "__main__":
    main()
