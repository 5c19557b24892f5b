"""What the model is told and asked, and what is asked again.

In order: `planned` (a question before it is asked), `budget` (how many are asked), `instructions`, `messages` and
`examples` (all that is said to the model), `prepared` (a question as it is sent, and what becomes of its answer),
`asking` (asks, and asks again about what one answer had no room for), `partial_results` (what came of it) and
`progress` (what callers are told meanwhile).
"""
