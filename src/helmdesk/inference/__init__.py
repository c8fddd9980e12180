"""How sure a figure is: intervals, case-mix, funnels. Pure: no Django, no database, importable on its own."""
