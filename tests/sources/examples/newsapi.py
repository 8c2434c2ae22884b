"""NewsAPI: a page of one article."""

from connectors.newsapi import fetch as newsapi
from connectors.newsapi import parse as newsapi_parse
from tests.sources.examples.example import DAY, KEY, json_example

_ARTICLES = {
    "status": "ok",
    "totalResults": 1,
    "articles": [
        {
            "source": {"id": None, "name": "Example Times"},
            "author": "A. Writer",
            "title": "Example opens a school",
            "description": "What it says.",
            "url": "https://news.example/1",
            "urlToImage": None,
            "publishedAt": "2026-07-09T12:00:00Z",
            "content": "cut",
        }
    ],
}

EXAMPLES = [
    json_example(
        "newsapi article",
        "newsapi",
        _ARTICLES,
        lambda client, url: newsapi.fetch_articles(client, url, KEY, "Example", DAY, DAY),
        lambda body: newsapi_parse.parse_articles(body, "Example"),
        newsapi_parse.ARTICLE,
        lambda document, _: document["articles"][0],
    ),
]
ADDRESSES = {
    r"v2/everything": "newsapi article",
}
HANDLE = "news_query: Example"
