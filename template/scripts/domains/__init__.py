"""How a domain is copied under another name, and how one is taken out again."""
