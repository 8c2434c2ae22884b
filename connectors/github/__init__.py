"""GitHub: a company's organization, its repositories, their commits and releases."""

SOURCE = "github"
