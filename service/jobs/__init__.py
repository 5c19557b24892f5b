"""Work that outlives a request: a store, and what carries its jobs out.

    POST /v1/jobs ─┐                     ┌─ embedded runner (no broker)
                   ├─> store (SQL) ──────┤                               ├─> store ─> results, exchange, webhook
    a message   ───┘     └─ relay ─> broker ─> worker ───────────────────┘

The store is the truth: a job is in it before anybody is told so, and its result is in it before its message is
acknowledged. Whatever is delivered twice, or by two workers at a time, ends in one row.
"""
