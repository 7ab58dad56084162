"""The store server: baskets, wallets, coupons and consents behind HTTP. It never sees a face."""
