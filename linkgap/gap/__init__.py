"""From links to prospects: who links to whom, what is missing, how sure that is, and in which order to write."""
