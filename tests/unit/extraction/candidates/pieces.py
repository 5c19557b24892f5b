"""Pieces of articles, for property tests to put together."""

PIECES = [
    *("Ilsa Varn said that ", "“We wait for flour every day,” ", "drones killed ", "envoys met ", "he added that "),
    *("12 people ", "about 40 soldiers ", "dozens of men ", "1,500 ", "T-72 ", "three ", "more than ", "killed "),
    *("Tuesday ", "on 3 May ", "13 May 2024 ", "last week ", "in 2023 ", "morning ", "two days ago ", "March "),
    *("Port\u00a0Adra ", "Vostria’s ", "the EU ", "KYIV, Ukraine — ", ". ", "\n", "\t", ", ", "\u2028", "\ud83d", "İ "),
    *("у вівторок ", "понад 300 солдатів ", "дрони вбили ", "vor drei Tagen ", "üç gün önce "),
]


PLACED = [
    *(*PIECES, "overnight ", ", this morning, ", "in Sella ", "near Tolmi "),
    *("the army said ", "wounded ", "tanks ", "hours "),
]
