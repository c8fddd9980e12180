"""Every setting, from the environment, with a default that runs a desk on one machine."""

import os
from pathlib import Path
from typing import Any

from helmdesk.config import environment, logs

PACKAGE = Path(__file__).resolve().parent.parent
HELMDESK_HOME = Path(os.environ.get("HELMDESK_HOME", "var")).absolute()
HELMDESK_FILES = Path(os.environ.get("HELMDESK_FILES", str(HELMDESK_HOME / "files")))
HELMDESK_KEYS = Path(os.environ.get("HELMDESK_KEYS", str(HELMDESK_HOME / "keys")))

# --- the deployment ---
DEBUG = False
SECRET_KEY = environment.secret_key(HELMDESK_KEYS)
HELMDESK_BASE_URL = os.environ.get("HELMDESK_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
HELMDESK_SECURE = HELMDESK_BASE_URL.startswith("https://")
ALLOWED_HOSTS = environment.hosts(HELMDESK_BASE_URL)
CSRF_TRUSTED_ORIGINS = [HELMDESK_BASE_URL]
DATABASES: dict[str, dict[str, Any]] = {
    "default": environment.database(os.environ.get("DATABASE_URL", f"sqlite:///{HELMDESK_HOME / 'helmdesk.sqlite3'}"))
}

# --- the app ---
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "helmdesk",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
MIDDLEWARE = [
    "helmdesk.config.metrics.measure",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "helmdesk.web.visitor.Visitor",
    "helmdesk.web.visitor.SignInFirst",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
ROOT_URLCONF = "helmdesk.config.urls"
WSGI_APPLICATION = "helmdesk.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / "web", PACKAGE / "web" / "account"],
        "OPTIONS": {
            "environment": "helmdesk.web.templating.environment",
            "context_processors": ["helmdesk.web.templating.page_context"],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

# --- language, time ---
HELMDESK_LANGUAGES = environment.LANGUAGES  # in which names of services and the like are kept
LANGUAGES = environment.languages_of_pages(PACKAGE / "locale")
LANGUAGE_CODE = os.environ.get("HELMDESK_LANGUAGE", "en")
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
HELMDESK_STATIC = PACKAGE / "web" / "static"

# --- who may come in ---
AUTH_USER_MODEL = "helmdesk.Account"
AUTHENTICATION_BACKENDS = ["helmdesk.web.account.backend.AccountBackend"]
PASSWORD_HASHERS = [
    "helmdesk.web.account.passwords.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
CSRF_FAILURE_VIEW = "helmdesk.web.errors.stale_form"
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/"
SESSION_ENGINE = "helmdesk.web.account.session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HELMDESK_SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14

PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
HELMDESK_SIGNUP = environment.switch("HELMDESK_SIGNUP")

ACCOUNT_ADAPTER = "helmdesk.web.account.rules.AccountRules"
ACCOUNT_FORMS = {"reset_password": "helmdesk.web.account.forms.ResetForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/account/login/"

MFA_FORMS = {
    "add_webauthn": "helmdesk.web.account.forms.AddPasskey",
    "login_webauthn": "helmdesk.web.account.forms.PasskeySignIn",
    "authenticate_webauthn": "helmdesk.web.account.forms.PasskeySecondStep",
    "reauthenticate_webauthn": "helmdesk.web.account.forms.PasskeyAgain",
}
MFA_ADAPTER = "helmdesk.web.account.rules.SecondFactorRules"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HELMDESK_SECURE  # a desk tried out on this machine

# The company's own sign-in (OpenID Connect)
HELMDESK_OIDC_ISSUER = environment.issuer("HELMDESK_OIDC_ISSUER")
HELMDESK_OIDC_CREATE = environment.switch("HELMDESK_OIDC_CREATE")
SOCIALACCOUNT_ADAPTER = "helmdesk.web.account.company.CompanyRules"
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": environment.sign_in_of_company(HELMDESK_OIDC_ISSUER)}}
SOCIALACCOUNT_STORE_TOKENS = False

# --- limits, remembered for all processes alike ---
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "helmdesk_remembered",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
HELMDESK_PROXIES = environment.number("HELMDESK_PROXIES", 0, least=0, most=5)

# --- what a browser may do with our pages ---
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "manifest-src": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# --- mail out (links for passwords; the desk's own mail comes with its room) ---
MAILERS = {"default": environment.mailer("HELMDESK_SMTP")}
DEFAULT_FROM_EMAIL = os.environ.get("HELMDESK_FROM", "helmdesk@localhost")

# --- jobs ---
TASKS = {"default": {"BACKEND": "helmdesk.foundation.jobs.backend.JobBackend", "QUEUES": []}}

# --- the server (config is above management, so commands find these by name) ---
HELMDESK_SERVER = "helmdesk.config.server"
HELMDESK_CHECKS = "helmdesk.config.check"
HELMDESK_WORKERS = environment.number("HELMDESK_WORKERS", 2, least=1, most=64)
HELMDESK_LARGEST_BODY = environment.number("HELMDESK_LARGEST_BODY_MB", 64, least=1, most=4096) * 1024 * 1024
HELMDESK_METRICS_TOKEN = os.environ.get("HELMDESK_METRICS_TOKEN", "")
LOGGING = logs.configuration(level="INFO", form=os.environ.get("HELMDESK_LOG", ""))
