"""The machine in the shop: it sees, shows, asks the store server, and remembers one open visit."""
