"""Groups of answers that copy each other, and the respondents who share several of them: farms.

The check has compared everybody with everybody, and says of each flagged answer whom it copies; every copy is flagged,
the first one as well. So the flagged answers alone tell the groups: two belong together where they are equal once case
and punctuation are gone, or where one's evidence names the other's respondent. Evidence names three at most, which
suffices: of many copies each is tied to some other, and near copies that differ among themselves hang together by what
they have in common.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from earnest.text.normalize import comparable

MOST_SHARED = 20
"""Groups of one respondent that count towards a farm: more than surveys ask open ends, and a bound to the work."""


@dataclass(frozen=True, slots=True)
class Copied:
    """An answer that is flagged as a copy.

    Attributes:
        position: Of the respondent in the survey.
        respondent: Their name.
        question: Its key.
        answer: As given.
        named: The respondents whom the evidence names.
    """

    position: int
    respondent: str
    question: str
    answer: str
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CopyGroup:
    """Answers to one question that copy each other.

    Attributes:
        question: Its key.
        answers: By position; one alone where the others it copies are not among the answers given.
        texts: How many different ones there are, in comparable form.
    """

    question: str
    answers: tuple[Copied, ...]
    texts: int


@dataclass(frozen=True, slots=True)
class Farm:
    """Respondents who share copies in two or more questions, each with some other of them.

    Attributes:
        members: Position -> name.
        groups: What they share, as places in the list of groups, the most shared first.
        ties: Pair of positions -> how many groups they have in common, two or more.
    """

    members: dict[int, str]
    groups: tuple[int, ...]
    ties: dict[tuple[int, int], int]


class _Union:
    """Joins what belongs together."""

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def root(self, i: int) -> int:
        while self._parents[i] != i:
            self._parents[i] = i = self._parents[self._parents[i]]
        return i

    def join(self, one: int, other: int) -> None:
        self._parents[self.root(other)] = self.root(one)


def copy_groups(answers: Sequence[Copied]) -> list[CopyGroup]:
    """The groups, the largest first."""
    texts = [comparable(each.answer) for each in answers]
    union = _Union(len(answers))
    first_of: dict[tuple[str, str], int] = {}
    by_name: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, each in enumerate(answers):
        union.join(first_of.setdefault((each.question, texts[i]), i), i)
        by_name[each.question, each.respondent].append(i)
    for i, each in enumerate(answers):
        for name in each.named:
            for other in by_name.get((each.question, name), ()):
                union.join(i, other)
    found: dict[int, list[int]] = defaultdict(list)
    for i in range(len(answers)):
        found[union.root(i)].append(i)
    groups = [
        CopyGroup(answers[own[0]].question, tuple(answers[i] for i in own), len({texts[i] for i in own}))
        for own in found.values()
    ]
    return sorted(groups, key=lambda group: (-len(group.answers), group.answers[0].position))


def farms(groups: Sequence[CopyGroup], *, most_tied: int) -> list[Farm]:
    """Respondents who share two answers and more, the largest farm first.

    Args:
        groups: Of `copy_groups`.
        most_tied: Members of a farm whose ties are counted, the first ones; a hundred have thousands.
    """
    of_person: dict[int, list[int]] = defaultdict(list)
    names: dict[int, str] = {}
    for i, group in enumerate(groups):
        for each in group.answers:
            names[each.position] = each.respondent
            if not of_person[each.position] or of_person[each.position][-1] != i:
                of_person[each.position].append(i)
    people = sorted(names)
    place = {position: i for i, position in enumerate(people)}
    union = _Union(len(people))
    first_with: dict[tuple[int, int], int] = {}
    for position in people:  # who has the same two groups belongs together: no need to look at pairs of people
        for pair in combinations(of_person[position][:MOST_SHARED], 2):
            union.join(place[first_with.setdefault(pair, position)], place[position])
    found: dict[int, list[int]] = defaultdict(list)
    for position in people:
        found[union.root(place[position])].append(position)
    farms = [_farm(own, names, of_person, most_tied) for own in found.values() if len(own) > 1]
    return sorted(farms, key=lambda farm: (-len(farm.members), min(farm.members)))


def _farm(own: Sequence[int], names: dict[int, str], of_person: dict[int, list[int]], most_tied: int) -> Farm:
    counts = Counter(group for position in own for group in of_person[position])
    shared = [group for group, count in counts.most_common() if count > 1]
    ties = _ties(own[:most_tied], of_person)
    return Farm({position: names[position] for position in own}, tuple(shared), ties)


def _ties(some: Iterable[int], of_person: dict[int, list[int]]) -> dict[tuple[int, int], int]:
    pairs = {
        (one, other): len(set(of_person[one]) & set(of_person[other])) for one, other in combinations(sorted(some), 2)
    }
    return {pair: count for pair, count in pairs.items() if count > 1}
