"""Cross-cutting concerns, one package each; they import no domain."""
