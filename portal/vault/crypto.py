"""docs/crypto-inventory.md: what is encrypted, signed or hashed, with what, and where the key is (ASVS 11.1).

`USES` names every module that computes anything of the kind; a test refuses a module that is not named here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from portal.vault.rotation import encrypted_columns
from portal.vault.suites import SUITES

MARK = "<!-- from here on made by `manage.py crypto_inventory --write` -->\n"
HMAC = "HMAC-SHA-256"
INDEX_KEY = "one key per purpose, HKDF-SHA-256 from the index key"
NEVER = "never: stored values would be lost"


@dataclass(frozen=True, slots=True)
class Use:
    """`modules` are files below the project root; `rotation` says how often a new key comes, and by what."""

    what: str
    algorithm: str
    key: str
    rotation: str
    modules: tuple[str, ...]


USES = (
    Use(
        "values in encrypted columns",
        " or ".join(SUITES),
        "data key per version, HKDF-SHA-256 from the key file",
        "yearly and on suspicion: `vault_key --add-version`, `vault_rotate`",
        ("portal/vault/cipher.py", "portal/vault/suites.py", "portal/vault/keyring.py", "portal/exchange/sql.py"),
    ),
    Use(
        "result files and attachments",
        " or ".join(SUITES) + ", chunks of 1 MiB",
        "own random key per file, wrapped by the data key",
        "with the file: results live for days",
        ("portal/vault/files.py",),
    ),
    Use("exact search over encrypted values", HMAC + ", cut", INDEX_KEY, NEVER, ("portal/vault/blind.py",)),
    Use("seals of grants", HMAC, INDEX_KEY, NEVER, ("portal/vault/seal.py", "portal/org/seals.py")),
    Use(
        "chain over the audit log",
        "SM3 or SHA-256, signed with HMAC",
        INDEX_KEY,
        NEVER,
        ("portal/audit/chain.py",),
    ),
    Use(
        "context of the second wall",
        HMAC,
        "derived from the vault; the database holds the two padded blocks",
        "with the installation",
        ("portal/org/walls/context.py",),
    ),
    Use(
        "permits that can be checked by QR code",
        "Ed25519",
        "derived from the vault; the public half is in the checker",
        "by key number in the code",
        ("residents/services/permits/verification.py",),
    ),
    Use(
        "tokens and one-time codes",
        "random ≥ 128 bits, stored as HMAC-SHA-256",
        "none (random)",
        "each is used once or expires",
        ("portal/accounts/services.py", "portal/oversight/break_glass.py"),
    ),
    Use(
        "counters of attempts and sessions",
        HMAC,
        "`SECRET_KEY`",
        "with `SECRET_KEY`",
        (
            "portal/accounts/throttle.py",
            "portal/accounts/sessions.py",
            "portal/accounts/keys.py",
            "portal/accounts/lockout.py",
        ),
    ),
    Use(
        "single sign-on",
        "signatures of the provider; HMAC-SHA-256 for 浙政钉",
        "keys published by the provider, or the app secret",
        "by the provider",
        (
            "portal/accounts/sso/oidc.py",
            "portal/accounts/sso/provider.py",
            "portal/accounts/sso/services.py",
            "portal/accounts/sso/views.py",
            "portal/accounts/sso/zzd.py",
        ),
    ),
    Use(
        "samples that can be drawn again",
        "SHA-256 over a random seed of 128 bits that is told with the sample",
        "none (the seed is public)",
        "a seed for each field test",
        ("residents/services/sampling/campaigns.py", "residents/services/sampling/draw.py"),
    ),
    Use(
        "place holders in the unique column of a merged file",
        "random, 128 bits",
        "none (random)",
        "gone when the merge is taken back",
        ("residents/services/merging/values.py",),
    ),
    Use(
        "fingerprints without a key: of files, requests and pages",
        "SHA-256",
        "none",
        "–",
        (
            "portal/administration/services/grants.py",
            "portal/imports/services.py",
            "residents/services/visits/answerable.py",
            "portal/events/idempotency.py",
            "portal/exchange/csvout.py",
            "portal/exchange/provisions.py",
            "portal/exchange/xlsx.py",
            "portal/files/services.py",
            "portal/jobs/results.py",
            "portal/ui/pages.py",
        ),
    ),
    Use(
        "comparison of the token of /metrics", "constant time", "`METRICS_TOKEN`", "by the site", ("portal/metrics.py",)
    ),
    Use("passwords", "first entry of `PASSWORD_HASHERS`", "none (salted, slow)", "rehash at login", ()),
    Use("sessions and signed values", HMAC, "`SECRET_KEY`", "by the site, with a fallback", ()),
    Use("transport", "TLS 1.2 and 1.3", "certificate of the site", "by the site", ()),
)


def document() -> str:
    return "\n".join([*_uses(), "", *_columns()]) + "\n"


def _uses() -> Iterator[str]:
    yield "## Every use"
    yield ""
    yield "| Use | Algorithm | Key | Rotation | Code |"
    yield "|---|---|---|---|---|"
    for use in USES:
        code = ", ".join(f"`{module}`" for module in use.modules) or "Django, nginx"
        yield f"| {use.what} | {use.algorithm} | {use.key} | {use.rotation} | {code} |"


def _columns() -> Iterator[str]:
    yield "## Encrypted columns"
    yield ""
    yield "| Column | Bound to |"
    yield "|---|---|"
    for column in sorted(encrypted_columns(), key=lambda one: (one.table, one.column)):
        yield f"| `{column.table}.{column.column}` | `{column.aad}` |"
