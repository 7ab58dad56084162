"""Tables, and one store for each port of the flows."""
