"""The result as one file for people without Python: summary, charts, receipts, method, and the explorer itself."""
