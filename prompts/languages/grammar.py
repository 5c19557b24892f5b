"""How a language builds sentences and names where not all languages do so alike."""

from pydantic import Field

from prompts.languages.words import Section, Words


class Grammar(Section):
    """`grammar.toml`: what some languages have and others do not.

    These words also switch on what is read by them, and so count only in articles that are known to be in the language.
    """

    ambiguous_verbs: Words = Field(
        (),
        description='Verbs that attribute words only with "that", quotation marks or a comma before them, since they '
        'mean other things, too, as "sostuvo" in Spanish: "sostuvo que", but not "sostuvo una reunión".',
    )
    perfect_auxiliaries: Words = Field(
        (), description='What makes a participle a speech verb, as "a" in French: "a déclaré".'
    )
    perfect_adverbs: Words = Field(
        (), description='What may stand between the two, as "également" in French: "a également déclaré".'
    )
    perfect_participles: Words = Field(
        (),
        description='Participles that are speech verbs behind such an auxiliary, as "déclaré" in French: "a déclaré".',
    )
    quote_only_participles: Words = Field(
        (),
        description='Those that are such verbs only beside quotation marks, as "poursuivi" in French: "a poursuivi".',
    )
    ambiguous_participles: Words = Field(
        (), description='Those of ambiguous verbs, as "sostenido" in Spanish: "ha sostenido que".'
    )
    demand_verbs: Words = Field(
        (), description='Speech verbs that demand something of somebody, as "pidió" in Spanish: "pidió a Varn que".'
    )
    addressee_prepositions: Words = Field(
        (), description='What stands before whom they demand it of, as "a" in Spanish: "pidió a Varn que".'
    )
    relative_subjects: Words = Field(
        (),
        description='Pronouns whose verb is not the main one, as "que" in Spanish: "un funcionario que pidió anonimato '
        'dijo".',
    )

    before_speaker: Words = Field(
        (),
        description='What may stand between a speech verb and the speaker behind it, in languages where many do: "este '
        'martes" in Spanish, "dijo este martes la ministra".',
    )
    dropped_pronouns: Words = Field(
        (),
        description='Pronouns that may go unsaid, so that a verb alone is the last speaker\'s, as "ella" in Spanish.',
    )
    reported_mood: Words = Field(
        (),
        description='Forms of verbs by which a sentence goes on with what the last speaker says, as "habe" in German: '
        '"Man habe Vorräte".',
    )
    nominalised_verbs: Words = Field(
        (), description='Forms of verbs that end what is said, as "olduğunu" in Turkish: "haklı olduğunu söyledi".'
    )
    attributive_verbs: Words = Field(
        (), description='Forms of verbs between what is said and who says it, as "diyen" in Turkish: "“…” diyen Varn".'
    )
    speaking_converbs: Words = Field(
        (), description='Forms of verbs that tell how something is said before it is, as "açıklama yaparak" in Turkish.'
    )
    singular_verbs: Words = Field(
        (), description='Forms of verbs, by their endings, that tell of one person, as "каже" in Ukrainian.'
    )
    masculine_verbs: Words = Field(
        (), description='Forms of verbs, by their endings, that tell of a man, as "сказав" in Ukrainian.'
    )
    feminine_verbs: Words = Field((), description='Those that tell of a woman, as "сказала" in Ukrainian.')
    joined_pronouns: Words = Field(
        (), description='Pronouns that are joined to the verb before them with a hyphen, as "il" in French: "dit-il".'
    )
    impersonal_pronouns: Words = Field(
        (), description='Those of them that stand for nobody, as "on" in French: "dit-on de source militaire".'
    )
    sources_with_noun: Words = Field(
        (),
        description='Source phrases whose last word belongs to the speaker, as "de source" in French: "de source '
        'militaire".',
    )

    determiners: Words = Field(
        (),
        description='What stands before a noun besides definite articles and possessive pronouns: "este" in Spanish.',
    )
    organization_heads: Words = Field(
        (), description='Nouns that begin what an organisation is called, as in French: "ministère" de la Défense.'
    )
    noun_complements: Words = Field(
        (),
        description='What begins the rest of a description behind its noun, as "de" in French: "le chef de la '
        'délégation, Ann Berg".',
    )
    name_articles: Words = Field(
        (), description='Articles that belong to a name where they have a capital in a sentence: "El" in "El Salvador".'
    )
    elided_words: Words = Field(
        (), description='Words that are joined to the next one by an apostrophe, as "d\'" in French: "d\'Ankara".'
    )
    foreign_words: Words = Field(
        (),
        description='Words of like languages that this one does not have, by which it is told from them: "della" is '
        "not Spanish.",
    )
