from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analysis', '0010_portrait_lights'),
    ]

    operations = [
        migrations.AddField(
            model_name='detectedface',
            name='probability',
            field=models.FloatField(null=True),
        ),
    ]
