"""Request and response bodies of users."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import email_validator
from pydantic import AfterValidator, EmailStr, Field

from app.core.schemas import RequestSchema, ResponseSchema, Secret, Text, Unset
from app.permissions import Role

# Accept domains of internal networks, such as corp.local. Verification shows whether an
# e-mail address works.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()

# In lower case, so that one e-mail address is one account.
Email = Annotated[EmailStr, AfterValidator(str.lower), Field(max_length=254)]
Name = Annotated[Text, Field(min_length=1, max_length=200)]
# The minimum length of a new password is a setting.
Password = Annotated[Secret, Field(min_length=1, max_length=1024)]
MailToken = Annotated[Secret, Field(min_length=1, max_length=100)]


class UserCreate(RequestSchema):
    """A new account."""

    email: Email
    password: Password
    name: Name | None = None


class ProfileUpdate(RequestSchema):
    """Changes to your own account. ``null`` clears the name."""

    name: Name | None = Unset


class UserUpdate(RequestSchema):
    """Changes to an account by an administrator."""

    role: Role = Unset
    is_active: bool = Unset


class PasswordChange(RequestSchema):
    """A new password, with the current one."""

    current_password: Password
    new_password: Password


class EmailRequest(RequestSchema):
    """The e-mail address of an account."""

    email: Email


class EmailVerification(RequestSchema):
    """The token from an e-mail, with the password chosen at sign-up."""

    token: MailToken
    password: Password


class PasswordReset(RequestSchema):
    """The token from an e-mail, with a new password."""

    token: MailToken
    password: Password


class UserRead(ResponseSchema):
    """A user account."""

    id: UUID
    email: str
    name: str | None
    role: Role
    is_active: bool
    email_verified_at: datetime | None
    created_at: datetime
    updated_at: datetime
