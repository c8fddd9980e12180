"""The pages where a desk is set up: people, who helps them, what is supported, who may see what."""
