"""The result as one file for people without Python: summary, pictures, receipts, method, and the explorer itself."""
