package dev.sallyport.launcher;

import java.util.List;
import java.util.Map;

/** The demo realm: made once, then left to its administrators. */
record Realm(List<User> users) {

    static final String NAME = "mcp";

    /** A demo user; the password was made for this state folder. */
    record User(String username, String firstName, String password) {
        Map<String, Object> shown() {
            return Map.of("username", username, "password", password);
        }
    }

    static Realm of(StateFolder state) {
        return new Realm(List.of(
                new User("alice", "Alice", password(state, "alice")), new User("bob", "Bob", password(state, "bob"))));
    }

    private static String password(StateFolder state, String user) {
        return state.read("password-" + user).orElseGet(() -> {
            var fresh = StateFolder.random(9);
            state.write("password-" + user, fresh);
            return fresh;
        });
    }

    String json() {
        return Json.of(Map.of(
                "realm",
                NAME,
                "enabled",
                true,
                "displayName",
                "Sallyport",
                "sslRequired",
                "external",
                "bruteForceProtected",
                true,
                "internationalizationEnabled",
                true,
                "supportedLocales",
                List.of("en", "de"),
                "defaultLocale",
                "en",
                // The realm has MCP clients only: those that read openid-configuration alone are led to the same
                // endpoints.
                "attributes",
                Map.of("sallyport.openid-configuration", "mcp"),
                "users",
                users.stream().map(Realm::user).toList()));
    }

    private static Map<String, Object> user(User user) {
        return Map.of(
                "username",
                user.username(),
                "enabled",
                true,
                "emailVerified",
                true,
                "email",
                user.username() + "@example.com",
                "firstName",
                user.firstName(),
                "lastName",
                "Demo",
                "realmRoles",
                List.of("default-roles-" + NAME),
                "credentials",
                List.of(Map.of("type", "password", "value", user.password(), "temporary", false)));
    }
}
