package dev.sallyport.bench;

import dev.sallyport.testkit.keycloak.KeycloakServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.StringJoiner;

/**
 * Many clients, each a copy of one that was registered and used as ever, with its own name, its scopes, its mark of use and
 * one grant. Written into the database of a stopped Keycloak, as registering them would take an hour.
 */
final class Crowd {
    /** Tables with rows of a client, and the column that names it. */
    private static final Map<String, String> OF_CLIENT = Map.of(
            "CLIENT_ATTRIBUTES", "CLIENT_ID",
            "REDIRECT_URIS", "CLIENT_ID",
            "WEB_ORIGINS", "CLIENT_ID",
            "CLIENT_SCOPE_CLIENT", "CLIENT_ID");

    private static final String NAME = "CONCAT('crowd-', R.X)";

    private Crowd() {}

    static String name(int number) {
        return "crowd-" + number;
    }

    /** @param template Keycloak's own identifier of the client to copy, of which there is at least one grant */
    static void copy(KeycloakServer.Database database, String template, int count) {
        try (var loader = new URLClassLoader(new URL[] {driver(database.drivers())}, Crowd.class.getClassLoader());
                var connection = connect(loader, database.url())) {
            connection.setAutoCommit(false);
            insert(connection, "CLIENT", "ID", template, Map.of("ID", NAME, "CLIENT_ID", NAME), count);
            for (var table : OF_CLIENT.entrySet()) {
                insert(connection, table.getKey(), table.getValue(), template, Map.of(table.getValue(), NAME), count);
            }
            // Not within the hour that registrations are counted for.
            insert(
                    connection,
                    "SALLYPORT_CLIENT",
                    "ID",
                    template,
                    Map.of("ID", NAME, "CREATED", "T.CREATED - 7200 - R.X"),
                    count);
            insert(
                    connection,
                    "SALLYPORT_GRANT",
                    "CLIENT_ID",
                    template,
                    Map.of(
                            "ID",
                            NAME,
                            "CLIENT_ID",
                            NAME,
                            "CODE_ID",
                            NAME,
                            "USER_ID",
                            "CONCAT('user-', MOD(R.X, 20000))"),
                    count);
            connection.commit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException | ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Connection connect(ClassLoader loader, String url)
            throws ReflectiveOperationException, SQLException {
        var driver = (Driver) loader.loadClass("org.h2.Driver").getConstructor().newInstance();
        var login = new Properties();
        login.setProperty("user", "");
        login.setProperty("password", "");
        return driver.connect(url, login);
    }

    private static URL driver(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith("com.h2database.h2-"))
                    .map(Path::toUri)
                    .map(Crowd::url)
                    .findFirst()
                    .orElseThrow(() -> new IOException("no driver in " + folder));
        }
    }

    private static URL url(URI uri) {
        try {
            return uri.toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All columns as they are in the template's rows, but for those that have an expression of their own. */
    private static void insert(
            Connection connection, String table, String key, String template, Map<String, String> own, int count)
            throws SQLException {
        var columns = columns(connection, table);
        var values = new StringJoiner(", ");
        columns.forEach(column -> values.add(own.getOrDefault(column, "T." + column)));
        var rows = table.equals("SALLYPORT_GRANT")
                ? "(SELECT * FROM SALLYPORT_GRANT WHERE CLIENT_ID = ? FETCH FIRST ROW ONLY)"
                : "(SELECT * FROM " + table + " WHERE " + key + " = ?)";
        var sql = "INSERT INTO " + table + " (" + String.join(", ", columns) + ") SELECT " + values + " FROM " + rows
                + " T, SYSTEM_RANGE(1, " + count + ") R";
        try (var statement = connection.prepareStatement(sql)) {
            statement.setString(1, template);
            statement.executeUpdate();
        }
    }

    private static List<String> columns(Connection connection, String table) throws SQLException {
        try (var statement = connection.prepareStatement("SELECT * FROM " + table + " WHERE 1 = 0");
                var rows = statement.executeQuery()) {
            var found = new java.util.ArrayList<String>();
            for (var i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                found.add(rows.getMetaData().getColumnName(i).toUpperCase(Locale.ROOT));
            }
            return found;
        }
    }
}
