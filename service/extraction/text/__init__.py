"""The article as text: places in it, its language, sentences, quotations and windows, and how words are found in it.

Read `spans`, `language`, `sentences`, `quotes`, `windows`, then `matching`, by which an answer's words are found, and
`lexicon`, by which words of a language are: the lists of a language pack, compiled.
"""
