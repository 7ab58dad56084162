"""What the shop can do, one verb a file: where a transaction begins and ends."""
