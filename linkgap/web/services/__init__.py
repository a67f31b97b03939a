"""The services that sell lists of backlinks, one module each.

Every module follows the documents of its service, and names in its text what they leave open. They were tested against
local servers that speak the documented forms, not against the services themselves: whoever meets an answer of another
form gets an error that shows its beginning, and what was paid for before is kept.
"""
