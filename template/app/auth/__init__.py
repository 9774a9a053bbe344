"""Sessions: login, refresh and logout. Other domains do not import this package."""
