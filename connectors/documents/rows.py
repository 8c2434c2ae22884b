"""A reading as the rows of the raw tables."""

import json
from decimal import Decimal

from connectors.documents.kpis import Kpi
from connectors.documents.reading import Reading
from connectors.documents.records import (
    DOCUMENTS,
    FACTS,
    GUIDANCE,
    KPIS,
    RISKS,
    SECTIONS,
    DocumentRow,
    FactRow,
    GuidanceRow,
    KpiRow,
    RiskRow,
    SectionRow,
)
from connectors.records import Parsed


def rows_of(reading: Reading, sha256: str, document_type: str, reader_sha: str) -> Parsed:
    """The rows of one document as that reader read it, by raw table; always one verdict."""
    key = (sha256, document_type, reader_sha)
    document = DocumentRow(
        *key,
        reading.verdict,
        reading.detail,
        reading.media,
        reading.reader,
        reading.pages,
        reading.characters,
        reading.period_end,
        reading.fiscal_year,
        reading.fiscal_quarter,
        reading.digest,
        reading.refused_facts,
    )
    return Parsed(
        {
            DOCUMENTS: [document],
            SECTIONS: [
                SectionRow(
                    *key,
                    position,
                    section.code,
                    section.title,
                    section.speaker,
                    section.start,
                    section.end,
                    section.page,
                    section.text,
                    *section.tone,
                )
                for position, section in enumerate(reading.sections)
            ],
            FACTS: [
                FactRow(
                    *key,
                    fact.offset,
                    fact.concept,
                    fact.unit,
                    fact.start_date,
                    fact.end_date,
                    _plain(fact.value),
                    fact.decimals,
                    json.dumps(dict(fact.dimensions), sort_keys=True),
                )
                for fact in reading.facts
            ],
            KPIS: [_kpi(key, position, kpi) for position, kpi in enumerate(reading.kpis)],
            GUIDANCE: [
                GuidanceRow(
                    *key,
                    position,
                    guidance.metric,
                    _plain(guidance.low),
                    _plain(guidance.high),
                    guidance.unit,
                    guidance.period.kind,
                    *guidance.period[1:],
                    guidance.start,
                    guidance.end,
                    guidance.page,
                    guidance.sentence,
                )
                for position, guidance in enumerate(reading.guidance)
            ],
            RISKS: [
                RiskRow(*key, position, risk.section, risk.start, risk.text)
                for position, risk in enumerate(reading.risks)
            ],
        }
    )


def _kpi(key: tuple[str, str, str], position: int, kpi: Kpi) -> KpiRow:
    kind, end, year, quarter = kpi.period or (None, None, None, None)
    return KpiRow(
        *key,
        position,
        kpi.metric,
        _plain(kpi.value),
        kpi.unit,
        _plain(kpi.step),
        kind,
        end,
        year,
        quarter,
        kpi.is_comparison,
        kpi.witness,
        kpi.witnesses,
        kpi.confidence,
        kpi.status,
        kpi.start,
        kpi.end,
        kpi.page,
        kpi.sentence,
    )


def _plain(value: Decimal) -> Decimal:
    """The number with its digits written out: a power of ten is how it was read, not what it is."""
    return Decimal(format(value, "f"))
