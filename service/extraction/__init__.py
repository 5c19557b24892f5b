"""From an article to its records: modules and packages in the order of the journey.

- `pipeline`: plan, ask, ground, merge; `planning` and `fairness` beside it;
- `questions`: what the model is told and asked, and what is asked again;
- `grounding`: what it said becomes what the article says, told twice becomes one;
- `candidates`: for small models, sentences that may state a record, with what code reads off them;
- `analysis`: what code reads off an article, by means of
- `attribution` (who says what), `entities` (who and what is named), `normalize` (dates, numbers, countries) and `text`
  (sentences, quotation marks, windows, finding words).

A module imports those below it only; a contract holds that (`make lint`). docs/architecture.md draws one article's way.
"""
