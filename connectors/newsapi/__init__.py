"""NewsAPI `everything`: articles that mention a company; a day late and 100 requests a day."""

SOURCE = "newsapi"
