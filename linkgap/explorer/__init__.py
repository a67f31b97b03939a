"""The screen on which prospects are looked at, re-ranked and decided on."""
