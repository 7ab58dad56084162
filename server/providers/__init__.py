"""Whoever takes money from a card, behind the port of `server.flows.top_up`."""
