"""Common Crawl's web graph as a source of links: released files in, links and similar sites out, in bounded memory."""
