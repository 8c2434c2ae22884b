"""Where the sources of the bundle lie, and what is at an address that no server can have."""

SEC_DATA_URL = "https://data.sec.gov"
SEC_WWW_URL = "https://www.sec.gov"
YAHOO_URL = "https://query1.finance.yahoo.com"
ECB_URL = "https://www.ecb.europa.eu"
TWELVE_DATA_URL = "https://api.twelvedata.com"
ALPHA_VANTAGE_URL = "https://www.alphavantage.co"
NEWSAPI_URL = "https://newsapi.org"
GITHUB_URL = "https://api.github.com"
CRUNCHBASE_URL = "https://api.crunchbase.com"
# A name that no server can have.
NOWHERE_URL = "https://sample.invalid"
INVESTOR_PAGE_URL = f"{NOWHERE_URL}/duolingo-figures.html"
# By the names of the settings that a live night takes them from.
BASE_URLS = {
    "sec_data_url": SEC_DATA_URL,
    "sec_www_url": SEC_WWW_URL,
    "yahoo_url": YAHOO_URL,
    "yahoo_cookie_url": YAHOO_URL,
    "ecb_url": ECB_URL,
    "twelve_data_url": TWELVE_DATA_URL,
    "alpha_vantage_url": ALPHA_VANTAGE_URL,
    "newsapi_url": NEWSAPI_URL,
    "github_url": GITHUB_URL,
    "crunchbase_url": CRUNCHBASE_URL,
}
