"""For links that outgrow one machine: the same statements, run in a Spark session."""
