"""The result as one file for people without Python: summary, receipts, method, and the explorer itself."""
