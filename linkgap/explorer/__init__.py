"""The screen on which prospects are looked at, ranked anew and decided."""
