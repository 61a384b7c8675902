"""Groups of copies, and farms."""

from earnest.review import Copied, copy_groups, farms


def copied(position: int, answer: str, *named: str, question: str = "q1") -> Copied:
    return Copied(position, f"R{position}", question, answer, named)


def positions(answers: list[Copied]) -> list[list[int]]:
    return [[each.position for each in group.answers] for group in copy_groups(answers)]


def test_equal_answers_belong_together_whatever_the_evidence_says() -> None:
    answers = [copied(0, "The same thing."), copied(1, "the SAME thing"), copied(2, "another thing")]
    assert positions(answers) == [[0, 1], [2]]


def test_near_copies_hang_together_by_whom_they_name() -> None:
    answers = [copied(0, "a b c d", "R1"), copied(1, "a b c e", "R0"), copied(2, "a b c f", "R1", "R99")]
    [group] = copy_groups(answers)
    assert (len(group.answers), group.texts) == (3, 3)


def test_a_name_counts_for_the_same_question_only() -> None:
    answers = [copied(0, "one", "R1"), copied(1, "two", question="q2")]
    assert positions(answers) == [[0], [1]]


def test_the_largest_group_comes_first() -> None:
    assert positions([copied(0, "x"), copied(1, "y"), copied(2, "y")]) == [[1, 2], [0]]


def farm_of(people: list[int], questions: list[str]) -> list[Copied]:
    return [copied(person, f"text {people} {q}", question=q) for q in questions for person in people]


def test_who_shares_two_answers_is_a_farm_and_who_shares_one_is_not() -> None:
    answers = [*farm_of([1, 2, 3], ["q1", "q2"]), *farm_of([7, 8], ["q1"])]
    [farm] = farms(copy_groups(answers), most_tied=24)
    assert farm.members == {1: "R1", 2: "R2", 3: "R3"}
    assert farm.ties == {(1, 2): 2, (1, 3): 2, (2, 3): 2}
    assert len(farm.groups) == 2


def test_farms_hang_together_by_common_members() -> None:
    answers = [*farm_of([1, 2], ["q1", "q2"]), *farm_of([2, 3], ["q3", "q4"])]
    [farm] = farms(copy_groups(answers), most_tied=24)
    assert sorted(farm.members) == [1, 2, 3]
    assert (1, 3) not in farm.ties


def test_a_large_farm_is_quickly_found_and_only_some_ties_counted() -> None:
    answers = farm_of(list(range(2_000)), ["q1", "q2", "q3"])
    [farm] = farms(copy_groups(answers), most_tied=10)
    assert len(farm.members) == 2_000
    assert len(farm.ties) == 45
