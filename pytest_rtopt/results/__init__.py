"""The values that stages hand on, their JSON form, and the words that reports use for them."""
