"""What people write beside numbers, and where there is none."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CURRENCIES = _words(
    "US$ A$ C$ R$ NZ$ HK$ $ € £ ¥ ₹ ₽ ₩ ₺ ₴ ₫ ₪ ฿ ₿ ¢ USD EUR GBP CHF JPY INR CNY AUD CAD NZD SEK "
    "NOK DKK PLN CZK HUF BRL ZAR KRW RUB TRY MXN Rs. Rs kr. kr zł Kč Ft Fr. Fr"
)

# No capital letters alone that name sizes, seats and house numbers more often: A, B, C, D, F.
UNITS = CURRENCIES | _words(
    "% ‰ pct bp bps kg g mg µg μg t lb lbs oz km m cm mm µm μm nm mi ft in yd l L ml mL dl cl s "
    "sec ms µs μs min mins h hr hrs °C °F ° K k M Mio bn V W kW MW kWh MWh Wh Hz kHz MHz GHz kB "
    "KB MB GB TB KiB MiB GiB mph km/h kmh km/hr kph m/s rpm hp bhp PS cc CC kmpl km/kg km/l mpg "
    "Nm Pa hPa kPa bar psi mmHg kcal cal kJ J mol ppm px dB bpm m² m³ cm² cm³ km² m2 m3 km2 sqft "
    "sqm ha mg/dl mg/dL mmol/l mmol/L g/l g/L"
)

# In small letters.
MISSING = _words(
    r"na n/a n.a. n.a na. #n/a #na <na> null (null) nil none nan nat missing unknown undefined ? "
    r"?? ??? - -- --- . .. ... \n n/d nd #value! #div/0! #ref! #null! * **"
) | {"not available"}
