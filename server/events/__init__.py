"""What happened, written with the change and told to whoever listens."""
