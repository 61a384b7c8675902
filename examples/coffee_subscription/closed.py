"""The closed questions of the survey: who a respondent is, and ratings that go with the mood of their answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

BRANDS = {"B": "Beanline", "K": "Kettle & Crow", "T": "Tidewell", "R": "Roastery Nine", "H": "Hollowmug"}
GENDERS = {"f": "Female", "m": "Male", "x": "Non-binary"}
AGE_BANDS = ("18-24", "25-34", "35-44", "45-54", "55-64", "65+")
REGIONS = ("London", "South", "Midlands", "North", "Scotland", "Wales", "Northern Ireland")
CUPS = ("Less than 1 a day", "1 a day", "2-3 a day", "4 or more a day")
PANELS = ("Alder Panel", "Birch Panel", "Cedar Exchange")
FARM_PANEL = "Cedar Exchange"
GRID = ("taste", "price", "delivery", "packaging", "customer_service")
FIELD_START = datetime(2026, 9, 7)  # noqa: DTZ001  survey tools export local time without a zone
FARM_START = FIELD_START + timedelta(days=5, hours=2, minutes=11)
MOODS = {1: (0, 3), 2: (2, 6), 3: (5, 8), 4: (7, 10), 5: (9, 10)}  # mood -> range of the 0-10 recommendation
COLUMNS = (
    "respondent_id", "start_date", "supplier", "device", "duration_seconds", "gender", "age_band", "region",
    "cups_of_coffee", "current_subscription", "overall_satisfaction", "nps", *(f"rating_{each}" for each in GRID),
    "preferred_brand",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Who:
    """What the written answers say or imply of their author.

    Attributes:
        mood: 1 (angry) to 5 (delighted).
        brand: The current subscription, a key of BRANDS.
        age_band: One of AGE_BANDS.
        gender: A key of GENDERS.
        device: `desktop` (keys recorded), `phone`, or `none` (nothing recorded).
        pace: `fast`, `slow` or empty: how they type.
        is_lower: Whether they never use capitals.
        is_sloppy: Whether typing errors stay in their answers.
        is_speeder: Whether they click through.
        is_farm: Whether they belong to the farm of copies.
    """

    mood: int
    brand: str
    age_band: str
    gender: str
    device: str
    pace: str
    is_lower: bool
    is_sloppy: bool
    is_speeder: bool
    is_farm: bool

    @classmethod
    def read(cls, line: str) -> "Who":
        """Read the `who` line of an answers file: mood, brand, age band, gender, device, then traits in any order."""
        mood, brand, age_band, gender, device, *traits = line.split()
        known = {"fast", "slow", "lower", "sloppy", "speeder", "farm"}
        if brand not in BRANDS or age_band not in AGE_BANDS or gender not in GENDERS or not set(traits) <= known:
            raise ValueError(f"not a respondent: {line!r}")
        pace = next((each for each in traits if each in {"fast", "slow"}), "")
        return cls(
            int(mood), brand, age_band, gender, device, pace,
            "lower" in traits, "sloppy" in traits, "speeder" in traits, "farm" in traits,
        )  # fmt: skip


def start_of(who: Who, rng: Random) -> datetime:
    """When the respondent began: in the two weeks of fieldwork, by day, or in the farm's one night."""
    if who.is_farm:
        return FARM_START + timedelta(seconds=rng.randint(0, 2400))
    hour = rng.choices(range(6, 24), weights=[2, 4, 5, 6, 6, 6, 8, 7, 5, 5, 6, 7, 8, 10, 10, 8, 5, 2])[0]
    return FIELD_START + timedelta(days=rng.randint(0, 11), hours=hour, seconds=rng.randint(0, 3599))


def closed_answers(who: Who, words: int, rng: Random) -> dict[str, str]:
    """Everything but the open ends, the identifier and the start date, by column.

    Args:
        who: The respondent.
        words: How many words they wrote; more words take longer.
        rng: Their own random numbers.
    """
    careless = who.is_speeder or who.is_farm
    grid = [who.mood] * len(GRID) if careless else [_rating(who.mood, rng) for _ in GRID]
    seconds = rng.randint(70, 150) if careless else 170 + 2.4 * words + rng.lognormvariate(5.0, 0.5)
    on_phone = who.device == "phone" or (who.device == "none" and not who.is_farm and rng.random() < 0.5)
    return {
        "supplier": FARM_PANEL if who.is_farm else rng.choices(PANELS, weights=[5, 3, 2])[0],
        "device": "phone" if on_phone else "desktop",
        "duration_seconds": str(round(seconds)),
        "gender": GENDERS[who.gender],
        "age_band": who.age_band,
        "region": rng.choices(REGIONS, weights=[3, 5, 4, 5, 2, 1, 1])[0],
        "cups_of_coffee": rng.choices(CUPS, weights=[1, 4, 6, 3])[0],
        "current_subscription": BRANDS[who.brand],
        "overall_satisfaction": str(who.mood if careless or rng.random() < 0.75 else _rating(who.mood, rng)),
        "nps": str(rng.randint(*MOODS[who.mood])),
        **{f"rating_{each}": str(rating) for each, rating in zip(GRID, grid, strict=True)},
        "preferred_brand": BRANDS[who.brand if who.mood >= 3 else rng.choice(sorted(BRANDS))],
    }


def _rating(mood: int, rng: Random) -> int:
    return min(5, max(1, mood + rng.choices((-2, -1, 0, 1), weights=[1, 3, 5, 3])[0]))
