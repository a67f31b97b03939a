"""What was done about prospects: status, note, owner, dates and contact of each domain, kept with all their history."""
