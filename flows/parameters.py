"""The parameters that flows take, as Prefect's form shows them: each with a title.

Their descriptions stand in the docstrings of the flows.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from flows.sources.subject import Part

Data = Annotated[Literal["live", "sample"], Field(json_schema_extra={"title": "Kind of data"})]
Tickers = Annotated[list[str] | None, Field(json_schema_extra={"title": "Companies, by ticker"})]
Companies = Annotated[list[str], Field(json_schema_extra={"title": "Companies, by ticker"})]
Day = Annotated[date | None, Field(json_schema_extra={"title": "Logical date"})]
FirstDay = Annotated[date, Field(json_schema_extra={"title": "First day"})]
Full = Annotated[bool, Field(json_schema_extra={"title": "Build every company"})]
Force = Annotated[str | None, Field(json_schema_extra={"title": "Override the gates, because"})]
NightPart = Annotated[Part, Field(json_schema_extra={"title": "Part of the night"})]
ArchivePath = Annotated[str, Field(json_schema_extra={"title": "Archive on the worker"})]
Everyone = Annotated[bool, Field(json_schema_extra={"title": "Every filer of the archive"})]
Quick = Annotated[bool, Field(json_schema_extra={"title": "A few points of each drill"})]
