"""Why something is blank, in words, and what would fill it; the codes are those of the marts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Reason:
    """A code of a `blank_reason` column in words; `needed` is what would fill the blank."""

    code: str
    words: str
    needed: str


_KNOWN: Final = (
    Reason(
        "not_reported",
        "the filing of this period does not report it",
        "a filing that states it for this period",
    ),
    Reason(
        "not_applicable",
        "statements of this kind, a bank's for instance, do not have the line",
        "nothing: it is not owed",
    ),
    Reason(
        "not_due",
        "the period has ended, and the report on it is not due yet",
        "the report on this period",
    ),
    Reason(
        "not_filed",
        "the report on this period is overdue",
        "the report on this period",
    ),
    Reason(
        "source_down",
        "the report on this period is overdue, and SEC could not be asked",
        "an answer from SEC; the next night asks again",
    ),
    Reason(
        "not_additive",
        "it cannot be had by adding quarters",
        "a filing that states it for this very period",
    ),
    Reason(
        "missing_quarter",
        "one of the four quarters is missing",
        "a filing that states the missing quarter, or the twelve months as a fiscal year",
    ),
    Reason(
        "mixed_vintage",
        "its parts come from before and after a restatement",
        "a filing that restates the other parts too",
    ),
    Reason(
        "ambiguous",
        "two values for this period disagree and nothing decides",
        "a later filing that repeats one of them",
    ),
    Reason(
        "check_failed",
        "the value breaks an identity of its own statement",
        "an amended filing, or a later one that agrees with itself",
    ),
    Reason(
        "slip_refused",
        "what the filing says is a slip, of scale for instance, and no other value is sure",
        "an amended filing, or a later one that states it soundly",
    ),
    Reason(
        "sign_unclear",
        "the filing gives it below zero, which cannot be, and nothing proves the sign alone wrong",
        "an amended filing, or a later one that gives it above zero",
    ),
    Reason(
        "unread_concept",
        "the filing states it only in another scope, under a concept that no line reads",
        "a filing that states it alone, or a rule that makes it of what is stated",
    ),
    Reason(
        "no_figures",
        "nothing that is loaded gives a figure for it",
        "a filing, or a vendor's trusted field, that gives it",
    ),
    Reason(
        "vendor_only",
        "only a vendor has figures of the company, and none for this that may be trusted",
        "the company's filings",
    ),
    Reason(
        "no_rate",
        "no exchange rate to the dollar",
        "a rate of the European Central Bank, or the filer's own translation",
    ),
    Reason(
        "no_year_before",
        "no figure in the same currency is known for what ended a year before",
        "a filing that gives the year before",
    ),
    Reason(
        "no_earlier_period",
        "no figure in the same currency is known for the earlier period of the comparison",
        "a filing that gives the earlier period",
    ),
    Reason(
        "not_stated",
        "no document and no filing that was read has an undisputed value of it, or not yet",
        "a document that states it under the same name, or a filing",
    ),
    Reason(
        "not_read",
        "no document about the period was read",
        "a document about the period, fetched and read",
    ),
    Reason(
        "conflict",
        "documents of one moment, or a sentence and a table, contradict each other",
        "a later document that states it",
    ),
    Reason(
        "is_a_share",
        "it is a share, and multiples of a share say nothing",
        "nothing: compare the shares themselves",
    ),
    Reason(
        "small_cohort",
        "fewer than three companies have a value at this age",
        "documents of more companies that state the metric",
    ),
    Reason(
        "segments_recut",
        "no filing has it for both periods under one name and cut: new, renamed or re-cut",
        "a filing that tells both periods by the same segments",
    ),
    Reason(
        "own_definition",
        "each company defines the metric in its own way",
        "nothing: its sentence says what the company counts",
    ),
    Reason(
        "own_adjustments",
        "each company takes out or adds back other items",
        "nothing: compare the line of the accounts instead",
    ),
    Reason(
        "not_described",
        "the dictionary of KPIs does not have the metric",
        "a row of the dictionary",
    ),
    Reason(
        "few_companies",
        "fewer than three companies of the segment are ranked",
        "fresh figures from filings of more of its companies",
    ),
    Reason(
        "foreign_figures",
        "the company's amounts are not in dollars, and this one is not translated",
        "nothing yet: net cash is not translated",
    ),
    Reason(
        "not_positive",
        "what it is divided by is zero or negative",
        "nothing: the ratio says nothing then",
    ),
    Reason(
        "no_price",
        "no price in the two weeks to the as-of date",
        "a price of the last two weeks",
    ),
    Reason(
        "no_periodic_report",
        "no periodic report of the company is known that a next one could follow",
        "a first 10-K, 10-Q, 20-F or 40-F with figures",
    ),
    Reason(
        "no_filer_category",
        "the filer's category, on which the deadline depends, is not known",
        "an answer of SEC's submissions with the filer's category",
    ),
    Reason(
        "due_at_home",
        "the report is due when the company's home country wants it",
        "the home country's own deadline, which no source here tells",
    ),
    Reason(
        "delisted",
        "the shares trade no more, and whether the company still owes reports is not known",
        "nothing: no report is awaited",
    ),
    Reason(
        "not_followed",
        "the watchlist does not say under which name the source has the company",
        "the company's handle at the source, in the watchlist",
    ),
    Reason(
        "no_answer",
        "the source was not asked about the company of late, or did not answer",
        "an answer of the source; some want a key or a contract",
    ),
    Reason(
        "no_tone_words",
        "no headline of the last 30 days has a hopeful or a worried word",
        "a headline with such a word",
    ),
    Reason(
        "not_measured",
        "an organization of the company has no public repository with all twelve weeks known",
        "GitHub's count of the commits of each week",
    ),
    Reason(
        "no_rounds",
        "the source knows of no funding round",
        "a round that is announced",
    ),
    Reason(
        "not_disclosed",
        "the amount of the newest funding round in dollars is not disclosed",
        "nothing, unless it is disclosed later",
    ),
    Reason(
        "foreign_price",
        "the price is not in dollars, and prices are not translated",
        "a price in dollars",
    ),
    Reason(
        "depositary_receipt",
        "the price is of a depositary receipt, whose ratio to shares is not known",
        "the ratio of receipts to shares",
    ),
    Reason(
        "no_share_count",
        "no diluted share count in the 200 days to the as-of date",
        "a filing that states average diluted shares",
    ),
    Reason(
        "stale",
        "the figures are stale: a filing that is not loaded must have overtaken them",
        "the company's newest filings",
    ),
)
# Of a company of which no cell is loaded, blank or not; the marts have no cell to say it in.
NO_FILINGS: Final = Reason(
    "no_filings",
    "no figure from filings of this company is loaded",
    "the company's filings",
)
REASONS: Final[Mapping[str, Reason]] = {reason.code: reason for reason in _KNOWN}


def reason_of(code: str) -> Reason:
    """The reason with this code; one that is not known here speaks for itself."""
    return REASONS.get(code) or Reason(code, code.replace("_", " "), "")
