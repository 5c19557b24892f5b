"""The model layer: the only package that imports `openai` and `instructor`.

A question goes through these modules, in this order:

- `client` is the model as the extraction pipeline sees it. `conversation` asks one question until it is answered.
- `profiles` has the kinds of model servers. `request_format` is how a server is asked, `server_capabilities` what this
  process has learnt about its server, `request_settings` what follows from both for one question.
- `request` builds the request, `response_model` the pydantic model of the answer. Both are given to instructor.
- `retry_policy` decides when a failed call is repeated, `backoff` how it waits, and `circuit_breaker` whether the
  server is called at all.
- `transport` makes one HTTP call; `chat` is its interface.
- `error_response` parses the response of a server that refuses a request, `server_errors` translates it into one of our
  errors, and `redaction` removes from it what must not be logged.
- `bodies` and `completion` parse a response, `items` finds its records while it arrives, `json_extraction` finds the
  JSON in its text, and `validation_messages` says what is wrong with it.
"""
