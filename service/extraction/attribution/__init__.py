"""Who says what, and who that is: attributions read off punctuation and word lists, without understanding a text.

`attribution` is what is found. `attributions` goes through an article's `units`, sentences that are read together, and
reads each as `clauses`: one of a few forms in which newswire attributes words, by a verb, by a source (`sources`) or by
a verb at the end (`final_verbs`); `bare_clauses` only tell whose the words of others are. A sentence in which several
speak is cut between them by `clause_cuts`.
`masking` hides quotations from that, `speech_verbs` tells which verbs attribute, `speaker_phrases` finds the words
before a verb that name the speaker, `following_speakers` those behind it. Speech without quotation marks is found by
`dialogue`, behind a dash, and `turns`, in transcripts and interviews. `coreference` then tells whom pronouns and
surnames stand for, and `appositions` the name beside a description. `speaker_profiles` tells who a speaker is, from the
`descriptions` beside the name and the `offices` in them.
"""
