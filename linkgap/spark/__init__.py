"""Links that outgrow one machine: the same statements on a Spark session."""
