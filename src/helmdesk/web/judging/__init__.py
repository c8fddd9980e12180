"""Judge history by other rules: what attainment would have been, asked by managers of their own desk."""
