"""What is supported: services, categories, own fields, tags, the priority matrix."""
