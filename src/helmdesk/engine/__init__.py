"""A help desk simulated: what an arrangement of teams would have done with tickets. Pure: no Django, no database.

The rules, which the compiled kernel, the plain engine and the model in the tests follow alike:

- Instants and durations are integer µs, so two engines agree exactly or not at all.
- A **table** holds the tickets of one replication, all chances drawn: when each comes, and its pieces of work in order,
  with the wait before each (an answer of the requester, a reopening). It knows nothing of an arrangement, so every
  arrangement meets the same tickets, and a real history is replayed by the same engines.
- A ticket waits in one team. An agent who is free takes, of what waits in the own team and asks for a skill they have,
  the most urgent, and of equals the one that entered first. A ticket that comes while agents who could take it are free
  goes to the one that is named first in the arrangement.
- A ticket is routed when it comes and when it escalates: the first route that fits its category, priority, tier and the
  hour names teams, tried in order; one that is over its limit is passed by, unless all are. After a wait or a reopening
  it comes back to the team it was with, behind those who wait there.
- Work that reaches the end of a shift is finished at once (`overtime`), goes on with the same agent in the next
  shift (`resume`), or waits in its old place for a colleague (`hand_on`).
- At one instant: first hours of routes change, then work ends, then shifts end and shifts begin, then tickets come
  back, then new ones come, then requesters give up; of the same kind in the order of agents or tickets.
"""
