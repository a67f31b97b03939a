"""The record of outreach: status, note, owner, dates and contact of each domain, with the history of every change."""
