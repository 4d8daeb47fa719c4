"""The English of the product: the guide's labels, and habits that make texts hard to read."""

import re
from pathlib import Path

import pytest

from tests import texts

GUIDE = (Path(__file__).parent / "guide.md").read_text(encoding="utf-8")
# Text in the guide between asterisks or before a colon that is no label: values and examples.
NO_LABELS = {
    "1",
    "2",
    "The options in the User Activation Codes window allow you to",
    "CCI Learning",
    "Tolano Adventures",
    "SALES-1124-0817",
    "U7DA7-NIFE-3017",
    "Office 2013",
    "Office 2016",
    "Center Admin",
}


def guide_labels():
    """The labels of fields, columns, windows and buttons in the customer's guide."""
    bold = re.findall(r"\*\*([^*\n]+?):?\*\*", GUIDE)
    fields = re.findall(r"^(?:- )?([A-Z][A-Za-z ()]+):(?: |$)", GUIDE, flags=re.M)
    columns = [
        column
        for line in GUIDE.splitlines()
        if line.startswith(("Order Number\t", "1\tCode"))
        for column in line.split("\t")
        if not column.isdigit()
    ]
    boxes = re.findall(r"^\s*(Enable [A-Za-z ]+|The student must [a-z ]+)$", GUIDE, flags=re.M)
    found = {label.strip() for label in [*bold, *fields, *columns, *boxes]}
    return sorted(
        label for label in found if label not in NO_LABELS and not label.startswith("Step ")
    )


def test_the_guides_labels_are_there_letter_for_letter():
    ours = {text.rstrip(":") for _name, text in texts.screen_texts()}
    labels = guide_labels()

    assert len(labels) > 40
    assert [label for label in labels if label not in ours] == []


# Habits that read like a translation, as patterns: an example, and better words.
HABITS = {
    r"\b(?:is|are|was|were|be|being) told\b": ("The holder is told.", "is notified, says"),
    r"\btells? (?:of|it|them|the|you|who|whom|how|what|that|from|an?)\b": (
        "This tells the holder.",
        "says, shows, notifies",
    ),
    r"(?:^|[.:;] )(?:Who(?:ever|m)?|Whose) (?!are|is|can|may|should|do|does)[^?]*(?:\.|$)": (
        "Who has no account makes one there.",
        "name the person",
    ),
    r"\belse (?:ask|it|the|on|none|nothing)\b|[,;] else\b": (
        "If not, else ask them.",
        "otherwise",
    ),
    r"\bso many\b": ("After so many days.", "a number"),
    r"\bany more\b": ("It works no more, not any more.", "any longer, or a new sentence"),
    r"\bas far as\b": ("As it is, as far as known.", "a new sentence"),
    r"\bcarved\b": ("An order carved from it.", "allocated from, parent order"),
    r"\b(?:gave|given|gives|give) on\b": ("Seats given on.", "allocate"),
    r"\bpass(?:ed|es|ing)? (?:\w+ ){0,3}on\b": ("Pass a request on.", "forward"),
    r"\b(?:takes?|taken|took|taking) (?:\w+ ){0,3}(?:off|away)\b": (
        "Taking a student off.",
        "remove, revoke",
    ),
    r"\b(?:puts?|putting) (?:\w+ ){0,3}back\b": ("Put someone back.", "restore"),
    r"\b(?:takes?|taken|took|taking) (?:\w+ ){0,3}back\b": ("Take the seats back.", "reclaim"),
    r"\bplaces?\b(?! (?:an|a|the|to|in) )": ("No places left.", "seat"),
    r"\bsigns\b(?! (?:\w+ ){0,2}(?:in|out|up)\b)": ("At least 8 signs.", "characters"),
    r"\benrolments?\b": ("New enrolments.", "enrollment"),
    r"\blicences?\b": ("A licence.", "license"),
    r"\buser names?\b": ("A user name.", "username"),
    r"\b[Ee]-mails?\b|\bmails?\b": ("An e-mail.", "email"),
    r"\b(?:stands|stand) (?:in|on|under|at|beside|below|above|there|for)\b": (
        "It stands under Edit.",
        "is, must be within",
    ),
    r"\bwaits? (?:no|any)\b|\bwaits for (?:our|us|your)\b": (
        "It waits no more.",
        "is no longer pending",
    ),
    r"\b[Pp]lease correct\b|\b[Gg]o on\b": ("Please correct this.", "Fix the following; Continue"),
    r"\bMake (?:my|an|the) (?:account|code|license)": ("Make my account", "create"),
    r"\bdecided? by\b": ("It is decided by CCI.", "review"),
    r"\bbelow us\b|\bdirectly ours\b": ("With all below us.", "sub-organizations"),
}
# Words of the guide, of HTML or of people that only look like one of these.
FINE = (
    r"mail (?:server|program)s?",
    r"places? in the tree",
    r"in place\b",
    r"in its place",
    r"take place",
    r"in place of",
    r"placeholder",
    # Hooks of django-allauth.
    r"^send (?:notification )?mail$",
)


# What names must not have: the same, and old words that only make sense in a sentence.
OLD_NAMES = HABITS | {
    r"\b(?:tells?|told)\b": ("tell", "notify, show, say"),
    r"\basked\b(?! to\b)|\basking\b": ("asked terms", "requested"),
    r"\b(?:gives?|gave|giving)\b|\bgiven (?:away|out|further)\b": ("give", "allocate, grant"),
    r"\bsources?\b": ("the source", "parent order"),
    r"\bdecid\w*": ("decide", "review"),
    r"\bnarrow(?:s|ed|ing)\b": ("narrowing", "drill-down filters"),
    r"\b(?:bursts|endings|watching|safeguards?|guarding)\b": ("safeguards", "alerts"),
    r"\bentrances?\b": ("entrances", "code types"),
    r"\b(?:puts?|putting) (?:\w+ ){0,3}(?:on|off)\b": ("putting people on it", "enroll, remove"),
    r"\b(?:lies|lie|lying|stands?)\b": ("where it stands", "is, status"),
    r"^(?:where|whoever) ": ("where it is full", "if"),
}


def offences(pairs, habits=HABITS):
    """The texts that have one of the habits, as (file, text, better words)."""
    found = []
    for name, text in pairs:
        plain = re.sub("|".join(FINE), "", text, flags=re.IGNORECASE)
        found += [
            (name, text, better)
            for habit, (_example, better) in habits.items()
            if re.search(habit, plain, re.IGNORECASE)
        ]
    return found


def test_screens_and_emails_have_none_of_the_habits():
    assert offences(texts.screen_texts()) == []


def test_docs_have_none_of_the_habits():
    assert (
        offences(
            (name, " ".join(paragraph.split()))
            for name, text in texts.docs()
            for paragraph in re.split(r"\n\s*\n|\n(?=[-|*] )", text)
        )
        == []
    )


def test_docstrings_and_comments_have_none_of_the_habits():
    assert offences(texts.docstrings([*texts.modules(), *texts.modules_of_tests()])) == []


def test_names_have_none_of_the_habits():
    assert offences(texts.names(texts.modules())) == []


def test_names_of_tests_have_no_old_words():
    assert offences(texts.names(texts.modules_of_tests()), OLD_NAMES) == []


@pytest.mark.parametrize("habit", OLD_NAMES)
def test_each_habit_is_found_in_its_example(habit):
    assert re.search(habit, OLD_NAMES[habit][0], re.IGNORECASE)
