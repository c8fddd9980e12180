"""The tables of people: who, how to reach them, how they sign in, where they belong, what they may do."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from helmdesk.foundation.time import InstantField, now
from helmdesk.people.permissions import PERMISSIONS


class Site(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    zone = models.CharField(max_length=64, default="UTC")

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    legal_entity = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """Somebody, in whatever hats. `merged_into` points on, and can be undone; `erased_at` leaves only the row."""

    name = models.CharField(max_length=200)
    language = models.CharField(max_length=8, default="en")
    zone = models.CharField(max_length=64, blank=True)
    title = models.CharField(max_length=200, blank=True)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    external_ref = models.CharField(max_length=120, blank=True)
    active = models.BooleanField(default=True)
    hold_until = InstantField(null=True)
    erased_at = InstantField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["external_ref"], name="person_external", condition=~Q(external_ref=""))
        ]

    def __str__(self) -> str:
        return self.name


class Address(models.Model):
    """A way to reach a person. Found by `folded`; trusted only once verified."""

    class Kind(models.TextChoices):
        EMAIL = "email"
        PHONE = "phone"

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.EMAIL)
    value = models.CharField(max_length=254)
    folded = models.CharField(max_length=254)
    verified_at = InstantField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["folded"], name="one_owner_an_email", condition=Q(kind="email")),
            models.UniqueConstraint(fields=["person", "kind", "folded"], name="address_once"),
        ]


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(email__iexact=username)


class Account(AbstractBaseUser):
    """How a person signs in. Ending it (`ended_at`) ends sessions, tokens and streams at once."""

    person = models.OneToOneField(Person, null=True, on_delete=models.PROTECT, related_name="account")
    email = models.EmailField(max_length=254, unique=True)
    is_active = models.BooleanField(default=True)
    must_use_second_factor = models.BooleanField(default=False)
    created_at = InstantField(default=now)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[AccountManager] = AccountManager()
    notices: int = 0  # unread ones, as a request reads them along with the account

    def __str__(self) -> str:
        return f"account {self.pk}"


class Role(models.Model):
    """Named permissions. The name is `{language: text}`; what it allows are codes of `people.permissions`."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.JSONField(default=dict)
    permissions = models.JSONField(default=list)

    def allowed(self) -> frozenset[str]:
        return frozenset(self.permissions) & PERMISSIONS.keys()


class Client(models.Model):
    """What acts without being a person: an API key, a rule, a bridge, an import."""

    class Kind(models.TextChoices):
        KEY = "key"
        RULE = "rule"
        BRIDGE = "bridge"
        IMPORT = "import"

    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=120)
    token_digest = models.BinaryField(max_length=32, null=True)
    active = models.BooleanField(default=True)
    created_at = InstantField(default=now)
