from django.db import migrations


def create(apps, schema_editor):
    db = schema_editor.connection.alias
    for tenant in apps.get_model("idp", "Tenant").objects.using(db).all():
        apps.get_model("serviceproviders", "ServiceProvider").objects.using(db).get_or_create(
            tenant=tenant, name="wso2carbon-local-sp"
        )


class Migration(migrations.Migration):
    dependencies = [("serviceproviders", "0001_initial"), ("idp", "0002_root_tenant")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
