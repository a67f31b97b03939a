"""Tables to plotly figures: pure functions that compute nothing and change nothing."""
