"""Who may see what: viewers, scopes, audiences, grants."""
