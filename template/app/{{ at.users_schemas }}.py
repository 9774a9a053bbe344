"""Users on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import email_validator
from pydantic import AfterValidator, EmailStr, Field

from app.core.schemas import RequestSchema, ResponseSchema, Secret, Text, Unset
from app.permissions import Role

# Internal networks have mail as well, in domains such as corp.local. Whether mail
# arrives at an e-mail address, its confirmation shows.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

# The same e-mail address however it is typed.
Email = Annotated[EmailStr, AfterValidator(str.lower), Field(max_length=254)]
Name = Annotated[Text, Field(min_length=1, max_length=200)]
# How long a new one must be is a setting.
Password = Annotated[Secret, Field(min_length=1, max_length=1024)]
MailToken = Annotated[Secret, Field(min_length=1, max_length=100)]


class UserCreate(RequestSchema):
    """Somebody who signs up."""

    email: Email
    password: Password
    name: Name | None = None


class ProfileUpdate(RequestSchema):
    """What people change about themselves; ``null`` clears the name."""

    name: Name | None = Unset


class UserUpdate(RequestSchema):
    """What administrators change about others."""

    role: Role = Unset
    is_active: bool = Unset


class PasswordChange(RequestSchema):
    """A new password, from somebody who knows the old one."""

    current_password: Password
    new_password: Password


class EmailRequest(RequestSchema):
    """Somebody who waits for a mail."""

    email: Email


class EmailVerification(RequestSchema):
    """Somebody who followed the link in a mail, with the password they chose."""

    token: MailToken
    password: Password


class PasswordReset(RequestSchema):
    """Somebody who followed the link in a mail, with a new password."""

    token: MailToken
    password: Password


class UserRead(ResponseSchema):
    """A user as they and administrators see them."""

    id: UUID
    email: str
    name: str | None
    role: Role
    is_active: bool
    email_verified_at: datetime | None
    created_at: datetime
    updated_at: datetime
