"""The model layer: the only place that knows `openai`, `instructor` and `tenacity`.

A question goes through these modules in order: `client` (the model as the pipeline sees it), `dialogue` (one question
until it is answered, led by instructor), `profiles`, `dialect` and `learned` (how this server is asked, and what it has
taught us), `request` and `answers` (what instructor is given), `patience` (when a failed call is repeated), `breaker`
(whether the server is called at all), `transport` (one HTTP call), `faults` and `quoting` (what a refusal means, and
what of it may be logged), `completion`, `written` and `complaints` (what came back).
"""
