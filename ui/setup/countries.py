"""What shops of the countries most likely to ask have: language, money, time zone, and the usual tax on books."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Country:
    """A country's usual answers; all can be changed, at once and later. `inclusive` is whether prices have tax in."""

    currency: str
    locales: tuple[str, ...]
    time_zone: str
    tax_name: str
    tax_rate: str
    inclusive: bool = True


COUNTRIES = {
    "United Kingdom": Country("GBP", ("en_GB",), "Europe/London", "Books 0 %", "0"),
    "Ireland": Country("EUR", ("en_IE",), "Europe/Dublin", "Books 0 %", "0"),
    "Germany": Country("EUR", ("de_DE",), "Europe/Berlin", "Bücher 7 %", "7"),
    "Austria": Country("EUR", ("de_AT",), "Europe/Vienna", "Bücher 10 %", "10"),
    "Switzerland": Country("CHF", ("de_CH", "fr_CH", "it_CH"), "Europe/Zurich", "Bücher 2.6 %", "2.6"),
    "France": Country("EUR", ("fr_FR",), "Europe/Paris", "Livres 5,5 %", "5.5"),
    "Belgium": Country("EUR", ("nl_BE", "fr_BE"), "Europe/Brussels", "Boeken 6 %", "6"),
    "Netherlands": Country("EUR", ("nl_NL",), "Europe/Amsterdam", "Boeken 9 %", "9"),
    "Spain": Country("EUR", ("es_ES",), "Europe/Madrid", "Libros 4 %", "4"),
    "Italy": Country("EUR", ("it_IT",), "Europe/Rome", "Libri 4 %", "4"),
    "United States": Country("USD", ("en_US",), "America/New_York", "Sales tax", "0", inclusive=False),
    "Canada": Country("CAD", ("en_CA", "fr_CA"), "America/Toronto", "GST 5 %", "5", inclusive=False),
    "Australia": Country("AUD", ("en_AU",), "Australia/Sydney", "GST 10 %", "10"),
}
# By their own names: packages leave Babel's names of languages out.
LANGUAGES = {
    "en_GB": "English (United Kingdom)",
    "en_IE": "English (Ireland)",
    "de_DE": "Deutsch (Deutschland)",
    "de_AT": "Deutsch (Österreich)",
    "de_CH": "Deutsch (Schweiz)",
    "fr_CH": "Français (Suisse)",
    "it_CH": "Italiano (Svizzera)",
    "fr_FR": "Français (France)",
    "nl_BE": "Nederlands (België)",
    "fr_BE": "Français (Belgique)",
    "nl_NL": "Nederlands (Nederland)",
    "es_ES": "Español (España)",
    "it_IT": "Italiano (Italia)",
    "en_US": "English (United States)",
    "en_CA": "English (Canada)",
    "fr_CA": "Français (Canada)",
    "en_AU": "English (Australia)",
    # Of countries that are not above.
    "en_NZ": "English (New Zealand)",
    "en_ZA": "English (South Africa)",
    "cs_CZ": "Čeština (Česko)",
    "da_DK": "Dansk (Danmark)",
    "el_GR": "Ελληνικά (Ελλάδα)",
    "fi_FI": "Suomi (Suomi)",
    "nb_NO": "Norsk (Norge)",
    "pl_PL": "Polski (Polska)",
    "pt_BR": "Português (Brasil)",
    "pt_PT": "Português (Portugal)",
    "sv_SE": "Svenska (Sverige)",
}
# Any other: its own money, language and tax are typed over these.
OTHER = "Another country"
FALLBACK = Country("EUR", ("en_GB",), "UTC", "Books", "0")
