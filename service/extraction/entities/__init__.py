"""Names, places and counts that code reads off the sentences of an article by the words around them.

`names` finds capitalised phrases; `mentions` tells which of them are persons and which are organisations; `places`
which say where something is; `mediators` who brings others together; `casualties` what figures count. Read them in that
order.
"""
