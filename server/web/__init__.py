"""Sources of the pages for shoppers, attendants and marketing, and how they are served."""
