"""Words turned into values: EDTF dates, numbers and ISO countries. What the words leave open has no value.

`date_phrases`, `dates` and `edtf` find and read dates, `amount_patterns` and `numbers` amounts, `countries` names of
countries; `rules` names what derived fields may be made by. Their words are those of the language packs.
"""
