"""All services that linkgap can fetch lists of links from, by name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from linkgap.errors import InvalidArgumentError, in_words
from linkgap.web.services import ahrefs, bing, dataforseo, majestic, moz, se_ranking, semrush

if TYPE_CHECKING:
    from linkgap.web.services.service import LinkService, Listing

LISTS = ("referring_domains", "backlinks")
SERVICES: dict[str, LinkService] = {
    module.SERVICE.name: module.SERVICE for module in (ahrefs, bing, dataforseo, majestic, moz, se_ranking, semrush)
}


def find_service(name: object) -> LinkService:
    """Return the service with a given name.

    Raises
    ------
    InvalidArgumentError
        When there is none.
    """
    if not isinstance(name, str) or name not in SERVICES:
        raise InvalidArgumentError(f"service={name!r} is not known. Allowed: {in_words(SERVICES)}.")
    return SERVICES[name]


def find_listing(service: LinkService, what: object) -> Listing:
    """Return one of the lists that a service offers.

    Raises
    ------
    InvalidArgumentError
        When it offers no such list.
    """
    if not isinstance(what, str) or what not in LISTS:
        raise InvalidArgumentError(f"what={what!r} is not known. Allowed: {in_words(LISTS)}.")
    if what not in service.listings:
        raise InvalidArgumentError(
            f"what={what!r} is not a list that {service.title} offers. Allowed: {in_words(service.listings)}."
        )
    return service.listings[what]


def address_of(name: str) -> str | None:
    """Return an alternative address for a service, such as its sandbox, from the environment (`LINKGAP_AHREFS_URL`).

    Raises
    ------
    InvalidArgumentError
        When the key would travel unencrypted to another machine.
    """
    variable = f"LINKGAP_{name.upper()}_URL"
    address = os.environ.get(variable)
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"}):
        return address
    raise InvalidArgumentError(f"{variable}={address!r} is not allowed. Allowed: an address that begins with https://.")
