"""How passwords are kept: Argon2id as OWASP asks for, so that a sign-in takes neither 100 MB nor half a second."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """19 MiB, two passes, one lane. Hashes made with other figures are made anew at the next sign-in."""

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
