"""The type of settings that are rates: a number of requests per time."""

from typing import Annotated

from limits import RateLimitItem, parse_many
from pydantic import BeforeValidator

MAX_REQUESTS = 10**9
MAX_WINDOW = 366 * 24 * 3600  # seconds


def parse_rate(value: object) -> RateLimitItem:
    """Parse text such as ``10 per 15 minutes``; raises ``ValueError``."""
    try:
        (rate,) = parse_many(str(value))
    except ValueError as error:
        raise ValueError("is not a rate such as 10 per 15 minutes") from error
    if rate.amount < 1:
        raise ValueError("allows nothing")
    if rate.amount > MAX_REQUESTS or rate.get_expiry() > MAX_WINDOW:
        raise ValueError("is more than 1000000000, or for longer than a year")
    return rate


# Its text is the one that was set.
Rate = Annotated[RateLimitItem, BeforeValidator(parse_rate)]
