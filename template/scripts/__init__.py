"""Commands for developers; production needs none of them."""
