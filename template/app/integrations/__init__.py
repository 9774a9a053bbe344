"""Services of others, each behind a protocol of ours."""
