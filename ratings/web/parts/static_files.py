"""Static files under hashed names, ES module imports included."""

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """WhiteNoise's manifest storage; without the flag module imports would stay unhashed."""

    manifest_name = settings.STATIC_MANIFEST

    support_js_module_import_aggregation = True
    # One for each floor of imports, those of types in comments included; Django gives up after 5.
    max_post_process_passes = 12
