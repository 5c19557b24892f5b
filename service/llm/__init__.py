"""The model layer: the only place that knows `openai`, `instructor` and `tenacity`.

A question goes through these modules in order: `client` (the model as the pipeline sees it), `request` and `profiles`
(what is sent), `dialogue` (one question until it is answered), `patience` (when a failed call is repeated), `breaker`
(whether the server is called at all), `transport` (one HTTP call), `faults` (what its failures mean), `completion` and
`complaints` (what came back).
"""
