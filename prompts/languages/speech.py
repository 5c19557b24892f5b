"""Words that tell that somebody says something, and who that is."""

from pydantic import Field

from prompts.languages.words import Patterns, Section, Words, WordsByValue


class Speech(Section):
    """`speech.toml`: how a language attributes words to a speaker, and how it says who a speaker is."""

    speech_verbs: Words = Field((), description='Verbs that attribute words to somebody: "said", "pointed out".')
    quote_only_verbs: Words = Field(
        (), description='Verbs that attribute words only beside quotation marks: "continued", "joked".'
    )
    inverted_verbs: Words = Field(
        (),
        description='Speech verbs that stand before their speaker even without quotation marks: "the bridge is open, '
        '*said* the mayor". Empty where all may.',
    )
    clause_final_verbs: Words = Field(
        (), description='Speech verbs that end their sentence, as "söyledi" does in Turkish; none do in English.'
    )
    question_labels: Words = Field((), description='What stands before a question of an interview: "Q", "Reporter".')
    answer_labels: Words = Field((), description='What stands before an answer, besides a name: "A".')
    label_words: Words = Field(
        (), description='What stands before a colon and is nobody who speaks: "Photo", "Correction".'
    )
    source_phrases: Words = Field((), description='What stands before a source: "according to" the army.')
    source_phrases_behind: Words = Field(
        (), description='What stands behind a source, as "göre" does in Turkish: "kaynaklara göre".'
    )
    pronoun_sources: Words = Field(
        (), description='Source phrases with a pronoun instead of a name inside: "in her account".'
    )
    backward_references: Words = Field(
        (), description='Openings of a sentence that says whose the words before it were: "This was" announced by.'
    )
    participles: Words = Field((), description='Speech verbs whose subject is told before: the army, "warning" that.')
    noun_markers: Words = Field(
        (), description='What before a speech verb makes it a noun or passive: "the" reports, "was" told.'
    )

    negative_pronouns: Words = Field((), description='Pronouns for nobody, who says nothing: "nobody", "none".')
    object_verbs: Words = Field(
        (), description='Speech verbs that say nothing without an object: colleagues "dismissed" in April.'
    )
    quoting_verbs: Words = Field(
        (), description='What gives words to somebody named behind it: "quoted" Ana Berg as saying.'
    )
    empty_content: Words = Field(
        (), description='What begins words behind a speech verb that tell nothing: said "goodbye", said "nothing".'
    )
    empty_objects: Words = Field((), description='What tells nothing where it is all that is said: denied "the claim".')
    addressees: Words = Field((), description='Who is told something, right behind the verb: told "reporters".')
    behind_subject: Words = Field(
        (), description='What may stand between a subject and its verb: Lena Brandt "in a statement" said.'
    )
    topic_particles: Words = Field((), description='What may stand right behind a subject and belongs to it: "ise".')
    idioms: Words = Field((), description='Phrases with a speech verb in which nobody speaks: "to say the least".')
    boilerplate_openers: Words = Field(
        (), description='What begins a paragraph that is about the text or the paper: "Reporting by", "Sign up".'
    )
    byline_openers: Words = Field((), description='What begins the line that tells who wrote the text: "By".')
    caption_words: Words = Field((), description='What tells that a paragraph is about a picture: "photo:".')
    pronouns: Words = Field((), description='Pronouns that a speaker may be: "she", "they", "who".')
    last_named_pronouns: Words = Field((), description='What stands for whoever was named last: "the latter".')
    age_nouns: Words = Field((), description='What somebody is called by the age alone: the "47-Jährige".')
    subject_pronouns: Words = Field((), description='Pronouns that are always the subject: "he", not "him".')
    possessive_pronouns: Words = Field((), description='Pronouns of whose something is: "his" account.')
    masculine_pronouns: Words = Field((), description='Pronouns for a man: "he", "his".')
    masculine_titles: Words = Field((), description='Titles before a man\'s name: "Mr".')
    masculine_nouns: Words = Field((), description='Nouns for a man: "spokesman".')
    masculine_given_names: Words = Field((), description='Given names of men only: "Henry".')
    feminine_given_names: Words = Field((), description='Given names of women only: "Margaret".')
    feminine_pronouns: Words = Field((), description='Pronouns for a woman: "she", "her".')
    feminine_titles: Words = Field((), description='Titles before a woman\'s name: "Mrs".')
    feminine_nouns: Words = Field((), description='Nouns for a woman: "spokeswoman".')
    neuter_pronouns: Words = Field((), description='Pronouns that an organisation may be: "it", "they".')
    plural_pronouns: Words = Field((), description='Pronouns for several: "they".')
    object_words: Words = Field((), description='What is never a speaker: "them", "a", "this".')

    conjunctions: Words = Field((), description='What may open a clause before its subject: "but", "however".')
    clause_linkers: Words = Field((), description='What begins another clause inside a sentence: "while", "because".')
    contrast_linkers: Words = Field(
        (), description='Besides coordinators, what joins a clause in which another one may speak: "while", "whereas".'
    )
    complementizers: Words = Field((), description='What opens the clause that is said: said "that" the city fell.')
    adverbial_openers: Words = Field(
        (), description='First words of what stands before a subject and is not it: "on" Monday, "speaking" in Doha.'
    )
    coordinators: Words = Field((), description='Conjunctions between two equals: said this "and" warned of that.')
    shared_subject_words: Words = Field(
        (), description='What may stand between such a conjunction and a further verb: said this and "also" warned.'
    )
    auxiliaries: Words = Field((), description='What stands between a subject and its verb: the army "has since" said.')
    adverb_patterns: Patterns = Field((), description='Adverbs in such a place, by their ending: "repeatedly" said.')
    predicate_words: Words = Field((), description='What tells that a phrase has a verb of its own: "was", "must".')
    infinitive_words: Words = Field((), description='What stands before a verb without a subject: "to" leave.')
    relative_pronouns: Words = Field((), description='What begins a clause about a noun: an official "who" asked.')
    personal_relatives: Words = Field((), description='Of those, what is about persons only: "who".')
    time_openers: Words = Field((), description='What begins a time or place before a subject: "on" Monday the army.')
    subject_determiners: Words = Field(
        (), description='What begins a subject behind such a time or place: on Monday "the" army.'
    )
    time_words: Words = Field((), description='What begins a time behind a speech verb: said "late" on Friday.')
    weekdays: Words = Field((), description='Days of the week, by their ending: "Friday".')
    place_prepositions: Words = Field((), description='Prepositions of place: "in" Basra, "near" the border.')

    definite_articles: Words = Field(
        (), description='Articles before an office that somebody named before has: "the" minister.'
    )
    organization_nouns: Words = Field((), description='Nouns in the names of organisations: "ministry", "council".')
    non_person_words: Words = Field(
        (), description='Words in other names that are no person\'s: "treaty", "herald", "north".'
    )
    person_nouns: Words = Field((), description='What persons are called without a name: "spokesman", "resident".')
    after_speaker: Words = Field((), description='What ends a speaker behind a verb: said the mayor "during" a visit.')
    participant_prepositions: Words = Field(
        (), description='What makes a phrase about another person than the next: talks "with" the mayor, Ilsa Varn.'
    )
    not_descriptions: Words = Field(
        (), description='What behind a name and a comma tells nothing of who it is: Varn, "when" asked.'
    )
    office_openers: Words = Field((), description='What before an office is no part of it: "mr" president.')
    description_ends: Words = Field((), description='What ends an office, besides relative pronouns: the party "that".')
    former: Words = Field((), description='What tells that an office is no longer held: "former", "retired".')

    speaker_type: WordsByValue = Field({}, description='The sort of a speaker without a name: "officials" are a group.')
    sector: WordsByValue = Field({}, description='The sector that a speaker belongs to: "navy" is military.')
    office: WordsByValue = Field(
        {}, description='The sector that an office suggests where nothing else tells it: "envoy" is government.'
    )
