"""The article as text: places in it, its language, paragraphs, sentences, quotations, and how words are found in it.

Read `spans`, `language`, `characters` (other ways to write a quotation mark), `layout` (which line breaks end a
paragraph), `sentences`, `quotes`, `windows`, then `matching`, by which an answer's words are found, `lexicon`, by which
words of a language are: the lists of a language pack, compiled; and `paragraphs`, which tells by them what each
paragraph is: prose, a headline, a byline, the turn of a speaker.
"""
