from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "portal.vault"

    def ready(self) -> None:
        from django.core.signals import setting_changed
        from django.utils.module_loading import autodiscover_modules

        from portal.org import seals
        from portal.org.walls import context
        from portal.vault import checks, keyring, seal  # noqa: F401

        setting_changed.connect(keyring.forget, dispatch_uid="vault.keyring")
        autodiscover_modules("field_policy")
        seals.sign_with(seal.seal_grant)
        context.key_from(seal.context_key)
