from django.apps import AppConfig


class ServiceProvidersConfig(AppConfig):
    name = "serviceproviders"
    verbose_name = "Service providers"
