"""Words in a domain's name that call for caution: what link spam advertises, and words of link sellers.

A name has no spaces, so a word is searched for anywhere in it only if hardly any other word contains it. The others
must stand alone between hyphens: `sex` is in Sussex, `cialis` in specialist, `loan` in Sloane, `forex` in
forexample, `porn` in Pornic, `milf` in Milford, `togel` in Autogeld, `ranklink` in Franklin Kitchens.
"""

from __future__ import annotations

from typing import NamedTuple


class Topic(NamedTuple):
    """Words to find anywhere in a name (without its hyphens), and words that count only where they stand alone."""

    anywhere: tuple[str, ...]
    alone: tuple[str, ...] = ()


TOPICS = {
    "gambling": Topic(
        anywhere=(
            *(
                "casino",
                "gambling",
                "jackpot",
                "onlinebetting",
                "onlineslot",
                "onlinepoker",
                "pokeronline",
                "sportsbet",
            ),
            *("blackjack", "baccarat", "slotgacor", "situsjudi", "judionline", "togelonline", "1xbet"),
            *("sportwetten", "spielautomat", "gluecksspiel", "spielothek"),  # German
            *("parissportif", "machineasous", "jeuxdargent"),  # French
            *("apuestas", "tragaperras", "tragamonedas"),  # Spanish
            *("scommesse", "bahis"),  # Italian, Turkish
        ),
        alone=("bet", "bets", "betting", "gamble", "poker", "roulette", "slots", "togel"),
    ),
    "adult": Topic(
        anywhere=(
            *("porno", "pornhub", "pornstar", "pornvideo", "freeporn", "xxx", "hentai", "callgirl", "camgirl"),
            *(
                "sexcam",
                "sexchat",
                "sexshop",
                "sextoy",
                "sexvideo",
                "freesex",
                "livesex",
                "escortservice",
                "escortgirl",
            ),
            *("erotik", "sexkontakte", "erotique", "rencontresexe", "erotica"),  # German, French, Spanish
        ),
        alone=("escorts", "milf", "milfs", "nude", "nudes", "porn", "sex", "sexe", "sexo", "sexy"),
    ),
    "drugs": Topic(
        anywhere=(
            *(
                "viagra",
                "levitra",
                "kamagra",
                "sildenafil",
                "tadalafil",
                "tramadol",
                "xanax",
                "phentermine",
                "oxycodone",
            ),
            *("adderall", "modafinil", "onlinepharm", "pharmacyonline", "canadianpharm", "cheapmeds", "dietpill"),
            *("onlineapotheke", "potenzmittel", "pharmacieenligne", "farmaciaonline"),
        ),
        alone=("ambien", "cialis", "meds", "pharma", "pharmacy", "pharmacies", "pills", "steroids", "valium"),
    ),
    "money": Topic(
        anywhere=(
            *("payday", "quickloan", "fastloan", "cashloan", "personalloan", "badcredit", "cashadvance", "quickcash"),
            *("forextrad", "forexsignal", "forexbroker", "binaryoption", "makemoney", "earnmoney", "replicawatch"),
            *("sofortkredit", "blitzkredit", "creditrapide", "pretrapide", "prestamosrapidos", "creditosrapidos"),
        ),
        alone=("forex", "loan", "loans", "mortgage", "mortgages"),
    ),
    "link selling": Topic(
        anywhere=(
            *("backlinks", "backlinker", "backlinkshop", "buylinks", "selllinks", "dofollow", "pbnlink", "pbnseo"),
            *(
                "seolink",
                "linkseo",
                "seorank",
                "rankseo",
                "linkrank",
                "rankxlink",
                "rankboost",
                "seoboost",
                "serpboost",
            ),
            *("seogrowth", "linkgrowth", "rankgrowth", "googleseo", "affordableseo", "seobazaar", "domainrank"),
            *("linkjuice", "nicheedit", "linkbaron", "linkvelocity", "linkbuildingservice", "crawlbudget"),
        ),
        alone=("backlink", "pbn"),
    ),
}
SOLD_BY_SPAM = ("gambling", "adult", "drugs", "money")
LINK_SELLING = ("link selling",)


def words_anywhere(*topics: str) -> str:
    """Return a regular expression for words anywhere in a name whose hyphens were removed.

    Examples
    --------
    >>> import re
    >>> [bool(re.search(words_anywhere("gambling"), name)) for name in ("best4casino", "essexbetterment")]
    [True, False]
    """
    return "|".join(word for topic in topics for word in TOPICS[topic].anywhere)


def words_alone(*topics: str) -> str:
    """Return a regular expression for words that stand alone between a name's hyphens.

    Examples
    --------
    >>> import re
    >>> [bool(re.search(words_alone("adult"), name)) for name in ("sex-in-art", "middlesex", "porn")]
    [True, False, True]
    """
    return f"(^|-)({'|'.join(word for topic in topics for word in TOPICS[topic].alone)})(-|$)"
