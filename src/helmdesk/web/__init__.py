"""The pages, and their templates beside them."""
