"""What migrations make of a database that an older version has left."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE = [("accounts", "0002_user_folded_username")]


@pytest.mark.django_db(transaction=True)
def test_names_and_addresses_that_the_former_lockout_noted_go() -> None:
    MigrationExecutor(connection).migrate(BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE axes_accesslog (username VARCHAR(255), ip_address TEXT)")
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert "axes_accesslog" not in connection.introspection.table_names()
    assert "accounts_wrongpassword" in connection.introspection.table_names()
