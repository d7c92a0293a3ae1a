from django.db import migrations


def create(apps, schema_editor):
    db = schema_editor.connection.alias
    tenant = apps.get_model("idp", "Tenant").objects.using(db).create(domain="carbon.super")
    for domain in ("PRIMARY", "Internal"):
        apps.get_model("idp", "UserStore").objects.using(db).create(
            tenant=tenant, domain=domain
        )


def remove(apps, schema_editor):
    db = schema_editor.connection.alias
    apps.get_model("idp", "UserStore").objects.using(db).filter(
        tenant__domain="carbon.super", domain__in=("PRIMARY", "Internal")
    ).delete()
    apps.get_model("idp", "Tenant").objects.using(db).filter(domain="carbon.super").delete()


class Migration(migrations.Migration):
    dependencies = [("idp", "0001_initial")]
    operations = [migrations.RunPython(create, remove)]
