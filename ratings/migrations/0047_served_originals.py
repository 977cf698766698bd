"""Originals as they are served: without chunks that only say how to show them, and with a CRC.

Samples, scores and submissions stay as they are. The file of each picture that had such chunks is
stored anew. No row names the old one then, so it goes a day after that is noticed. A picture whose
file is missing has 0 for its CRC until the challenge is loaded again.
"""

import zlib

from django.db import migrations, models

from ratings.storage import content_store as files
from ratings.imaging.pixels import only_samples


def store_anew(apps, schema_editor):
    originals = apps.get_model('ratings', 'Original').objects
    for sha256 in originals.values_list('sha256', flat=True).distinct():
        if not files.path(sha256).exists():
            continue  # nothing can be served of it; loading the challenge again brings it back
        content = only_samples(files.load(sha256))
        originals.filter(sha256=sha256).update(
            sha256=files.store(content), size_bytes=len(content), crc32=zlib.crc32(content)
        )


class Migration(migrations.Migration):

    dependencies = [
        ('ratings', '0046_told'),
    ]

    operations = [
        migrations.AddField(
            model_name='original',
            name='crc32',
            field=models.PositiveBigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunPython(store_anew, migrations.RunPython.noop),
    ]
