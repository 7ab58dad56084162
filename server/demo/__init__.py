"""A shop to try: products from an open database with made-up prices, a few promotions, a few people."""
