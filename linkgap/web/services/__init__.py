"""The services that sell lists of backlinks, one module each.

Every module follows its service's documentation, and its docstring names what that leaves open. They were tested
against local servers that answer in the documented formats, not against the services themselves: an answer in another
format raises an error that shows its beginning, and what was paid for before stays in the cache.
"""
