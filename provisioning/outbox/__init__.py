"""The outbox: intent on its way. Only this package and `operations` change a job's state.

    PENDING ──claim──▶ RUNNING ──settle──▶ DONE
       ▲                  ├────────────────▶ FAILED ──retry──▶ PENDING
       ├── postpone ──────┤
       │                  └────────────────▶ HELD ──release──▶ PENDING
       └─ a newer change ▶ SUPERSEDED        CANCELLED: never sent and no longer wanted

A job waits for the open jobs of its own entity before it, and for those of other entities
that hold or free its remote name. `position` is that order: the clock, but never before
a job it must follow, so hosts whose clocks differ agree.

`enqueuing` makes jobs, `claiming` leases those that `picking` finds to a worker, `settling`
writes what became of them and queues the `arrivals` of group members who came late.
What an operator may do to a job is in `provisioning.operations`.
"""
