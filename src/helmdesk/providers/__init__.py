"""Who does support work: providers, teams, memberships."""
