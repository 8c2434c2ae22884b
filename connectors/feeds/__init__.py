"""RSS and Atom feeds: company press rooms and trade press, of any age and charset."""

SOURCE = "feeds"
