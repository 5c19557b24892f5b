"""Jobs: articles that are read after the request that submitted them has been answered.

    POST /v1/jobs ─┐                     ┌─ embedded worker (no broker) ─┐
                   ├─> store (SQL) ──────┤                               ├─> store ─> results, exchange, webhook
    a message   ───┘     └─ relay ─> broker ─> worker ───────────────────┘

The store is the source of truth: a job is stored before its submission is confirmed, and its result is stored before
its message is acknowledged. Messages may be delivered twice and two workers may get the same job: there is still one
row and one result for each job.

The modules in reading order:
"""
