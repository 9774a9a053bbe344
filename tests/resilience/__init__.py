"""What happens when servers fail, clients race, and bytes are rubbish."""
