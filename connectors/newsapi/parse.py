"""NewsAPI's JSON to articles."""

from typing import Any

from connectors.bodies import MistypedError, load_object, optional_instant, required_text
from connectors.errors import BadBodyError
from connectors.newsapi import ARTICLES, SOURCE, NewsArticle
from connectors.records import Parsed
from connectors.shapes import Shape

# What the search shows in place of an article that its publisher took back.
_REMOVED = "[Removed]"


def _publisher(value: Any) -> str | None:
    if not isinstance(value, dict):
        raise MistypedError(f"not an object: {value!r:.80}")
    name = value.get("name")
    return None if name is None else required_text(name)


def _is_removed(entry: object) -> bool:
    return isinstance(entry, dict) and entry.get("title") == _REMOVED


ARTICLE = Shape(
    ARTICLES,
    required={"url": required_text, "title": required_text, "publishedAt": optional_instant},
    optional={"source": _publisher, "author": required_text, "description": required_text},
    ignored=frozenset({"content", "urlToImage"}),
)


def parse_articles(body: bytes, query: str) -> Parsed:
    """Rows of `newsapi_articles`; an article that was taken back makes none."""
    document = load_object(SOURCE, body)
    articles = document.get("articles")
    if document.get("status") != "ok" or not isinstance(articles, list):
        raise BadBodyError(
            SOURCE,
            "answer without articles",
            query,
            "look at the capture: NewsAPI may have changed the format",
        )
    parsed = Parsed({ARTICLES: []})
    shown = [entry for entry in articles if not _is_removed(entry)]
    for row, values in ARTICLE.accepted(parsed, shown, {"query": query}):
        ARTICLE.keep_new_fields(parsed, f"{query} {values['url']}"[:500], row)
        parsed.rows[ARTICLES].append(
            NewsArticle(
                query,
                values["url"],
                values["source"],
                values["author"],
                values["title"],
                values["description"],
                values["publishedAt"],
            )
        )
    return parsed
