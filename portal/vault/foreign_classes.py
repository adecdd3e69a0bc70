"""Data classes of tables that belong to installed libraries, by model. Ours declare beside their fields."""

from portal.core.classes import Declared, c1, c2, c3, c4

GRANT = c2(
    "what may be done on which row; the product grants on areas instead", "permission", "content_type", "object_pk"
)
SIGN_IN = (
    c3("which account tried to log in", "username"),
    c3("where the attempt came from", "user_agent", "ip_address", "http_accept", "path_info"),
    c2("when it was", "attempt_time"),
)

FOREIGN: dict[str, tuple[Declared, ...]] = {
    "auth.Group": (c2("name of a group of staff", "name"),),
    "auth.Permission": (c1("what an action is called", "name", "content_type", "codename"),),
    "contenttypes.ContentType": (c1("names of the tables", "app_label", "model"),),
    "guardian.UserObjectPermission": (GRANT, c2("by whom", "user")),
    "guardian.GroupObjectPermission": (GRANT, c2("by whom", "group")),
    "pghistory.Context": (
        c2("when a request changed something", "created_at", "updated_at"),
        c3("who made the request, for what purpose", "metadata"),
    ),
    "sessions.Session": (
        c4("proof of being logged in", "session_key", plain="random, ends with the session, useless after logout"),
        c3("what the session remembers; holds no data of residents", "session_data"),
        c2("end of the session", "expire_date"),
    ),
    "account.EmailAddress": (c3("address of a member of staff; not used", "user", "email", "verified", "primary"),),
    "account.EmailConfirmation": (
        c2("when an address was confirmed; not used", "email_address", "created", "sent"),
        c4("code that confirms an address", "key", plain="never issued: the product sends no e-mail"),
    ),
    "mfa.Authenticator": (
        c3("whose second factor it is and when it was used", "user", "type", "created_at", "last_used_at"),
        c4("secret of a second factor", "data", plain="the adapter of portal.accounts encrypts the secrets inside"),
    ),
    "socialaccount.SocialApp": (
        c2("the single sign-on service", "provider", "provider_id", "name", "client_id", "key", "settings"),
        c4("secret shared with the service", "secret", plain="kept in the settings; the column stays empty"),
    ),
    "socialaccount.SocialAccount": (
        c3("account of a member of staff at the service", "user", "provider", "uid", "last_login", "date_joined"),
        c3("what the service tells about the member of staff", "extra_data"),
    ),
    "socialaccount.SocialToken": (
        c2("whose token it is and when it ends", "app", "account", "expires_at"),
        c4("token of the service", "token", "token_secret", plain="never stored: SOCIALACCOUNT_STORE_TOKENS is off"),
    ),
    "axes.AccessAttempt": (
        *SIGN_IN,
        c2("failures counted", "failures_since_start"),
        c3("names of what was sent; the values are replaced by stars", "get_data", "post_data"),
    ),
    "axes.AccessAttemptExpiration": (c2("end of a lock", "access_attempt", "expires_at"),),
    "axes.AccessFailureLog": (*SIGN_IN, c2("was the account locked", "locked_out")),
    "axes.AccessLog": (
        *SIGN_IN,
        c2("end of the session", "logout_time"),
        c4("which session it was", "session_hash", plain="a hash of the key of a session"),
    ),
}
