"""Who there is: persons, addresses, accounts, departments, sites, roles, clients."""
