"""Helmdesk: the help desk for companies that outsource IT support, wholly or in part."""
