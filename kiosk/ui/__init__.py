"""What the shopper sees: screens made from the visit, and the small web server that shows them."""
