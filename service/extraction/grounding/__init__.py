"""What the model said becomes what the article says.

In order: `finder` (words of a draft in the article), `evidence` (which sentences state a record), `ground` (a draft
becomes a record, or is refused), `merge` (records of the same item become one).
"""
