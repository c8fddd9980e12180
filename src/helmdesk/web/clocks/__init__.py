"""The page that explains a figure, and its evidence as JSON and PDF."""
