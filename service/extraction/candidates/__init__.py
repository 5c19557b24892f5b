"""Sentences that may state a record, for small models, which judge one thing at a time better than they search.

In order: `kind_reader` (the form of what is known of a kind) and `readers` (a module for each kind), `candidates`
(finds them), `prefill` and `event_facts` (what code reads off their sentences), `choices` (what the model may choose
from), `candidate` (what one question is about).
"""
