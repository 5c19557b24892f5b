"""The model layer: the only place that knows `openai`, `instructor` and `tenacity`.

A question goes through these modules in order: `client` (the model as the pipeline sees it), `dialogue` (one question
until it is answered, led by instructor), `terms`, `learned`, `dialect` and `profiles` (how it is asked, and what the
server has taught us), `request` and `answers` (what instructor is given), `patience` (when a failed call is repeated),
`breaker` (whether the server is called at all), `transport` (one HTTP call), `refusals`, `faults` and `quoting` (what a
server said instead of an answer, what it means, and what of it may be logged), `bodies`, `completion`, `written` and
`complaints` (what came back).
"""
