"""The kinds of referring domains, and how each of them links."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """One kind of referring domain.

    Parameters
    ----------
    domains
        How many referring domains of this kind the world has.
    authority, spread
        Mean and standard deviation of the true authority, 0 to 100.
    pull
        How close the topic is to standing desks; higher means that a domain links to more of the five sites.
    volume
        Factor on the number of links that one domain places on one site.
    nofollow, ugc, sponsored
        Shares of links with that `rel`, 0 to 1.
    """

    name: str
    domains: int
    authority: float
    spread: float
    pull: float
    volume: float
    nofollow: float
    ugc: float
    sponsored: float
    page_type: str
    category: str
    trust_topic: str


_HOME = "Home/Furniture"
_WORK = "Business/Human Resources"

TOPICS = (
    Topic("home office", 290, 30, 16, 0.95, 1.2, 0.14, 0.00, 0.10, "Article", "Home Office", _HOME),
    Topic("ergonomics", 250, 33, 16, 0.85, 1.1, 0.10, 0.00, 0.05, "Article", "Health", "Health/Occupational"),
    Topic("productivity", 280, 32, 17, 0.35, 1.0, 0.15, 0.00, 0.07, "Article", "Productivity", _WORK),
    Topic("remote work", 190, 34, 17, 0.30, 1.0, 0.15, 0.00, 0.05, "Article", "Jobs", _WORK),
    Topic("interior", 240, 31, 17, 0.10, 1.0, 0.18, 0.00, 0.08, "Article", "Interior", _HOME),
    Topic("gadgets", 190, 38, 18, -0.05, 1.0, 0.20, 0.00, 0.10, "Review", "Hardware", "Computers/Hardware"),
    Topic("health", 160, 35, 17, -0.10, 0.8, 0.18, 0.00, 0.03, "Article", "Health", "Health/Medicine"),
    Topic("news", 150, 55, 16, -0.20, 0.8, 0.35, 0.00, 0.12, "News", "News", "News/Newspapers"),
    Topic("university", 60, 68, 10, -0.50, 0.6, 0.05, 0.00, 0.00, "Resource", "Education", "Reference/Education"),
    Topic("directory", 150, 22, 13, -0.05, 0.7, 0.30, 0.00, 0.04, "Listing", "Business", "Business/Directories"),
    Topic("coupon", 130, 30, 14, 0.30, 1.3, 0.55, 0.00, 0.40, "Listing", "Shopping", "Shopping/Coupons"),
    Topic("forum", 80, 40, 16, 0.50, 1.5, 0.80, 0.85, 0.00, "Forum", "Communities", "Society/Forums"),
    Topic("platform", 14, 84, 7, 2.40, 9.0, 0.45, 0.55, 0.00, "Blog post", "Communities", "Computers/Internet"),
    Topic("personal", 140, 12, 9, -0.30, 0.6, 0.10, 0.00, 0.00, "Blog post", "Society", "Society/People"),
    Topic("spam", 215, 9, 7, -0.90, 0.9, 0.06, 0.10, 0.00, "Other", "Other", "Adult"),
)

LANGUAGES = {
    "en": ("US", "GB", "CA", "AU", "IE"),
    "de": ("DE", "AT", "CH"),
    "fr": ("FR", "BE", "CA"),
    "es": ("ES", "MX", "AR"),
}
"""Languages, and the countries of the IP addresses of domains in each."""

LANGUAGE_WEIGHTS = {"en": 0.80, "de": 0.09, "fr": 0.06, "es": 0.05}

PLATFORMS = ("wordpress", "wordpress", "wordpress", "ecommerce, wordpress", "cms", "", "", "", "message-boards")
"""Site software as Ahrefs names it; an empty text if it knows none."""
