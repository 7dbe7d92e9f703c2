"""Who may see and do what: local accounts, sessions, roles, and the record of who did it.

What is not named in the one table of `roles` is refused. Passwords are kept as argon2id hashes, sessions as hashes of their tokens.
"""
