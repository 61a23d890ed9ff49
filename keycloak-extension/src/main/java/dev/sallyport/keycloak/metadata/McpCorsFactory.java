package dev.sallyport.keycloak.metadata;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.keycloak.Config;
import org.keycloak.services.cors.DefaultCorsFactory;

/**
 * Keycloak's own cross-origin answers with one more request header allowed: {@code MCP-Protocol-Version}, which MCP
 * clients in browsers send everywhere. What an administrator configured for Keycloak's provider counts here as well.
 */
public class McpCorsFactory extends DefaultCorsFactory {
    private static final String ALLOWED_HEADERS = "allowedHeaders";
    private static final String MCP_HEADER = "MCP-Protocol-Version";

    @Override
    public void init(Config.Scope config) {
        var configured = Config.scope("cors", "default").getArray(ALLOWED_HEADERS);
        var headers = new TreeSet<String>(String.CASE_INSENSITIVE_ORDER);
        headers.add(MCP_HEADER);
        if (configured != null) {
            headers.addAll(Arrays.asList(configured));
        }
        super.init(new WithHeaders(config, headers.toArray(String[]::new)));
    }

    /** Before Keycloak's own, which has 0. */
    @Override
    public int order() {
        return 1;
    }

    @Override
    public String getId() {
        return "sallyport";
    }

    /** A scope in which one key has another value. */
    private static final class WithHeaders implements Config.Scope {
        private final Config.Scope scope;
        private final String[] headers;

        WithHeaders(Config.Scope scope, String[] headers) {
            this.scope = scope;
            this.headers = headers.clone();
        }

        @Override
        public String[] getArray(String key) {
            return key.equals(ALLOWED_HEADERS) ? headers.clone() : scope.getArray(key);
        }

        @Override
        public String get(String key) {
            return scope.get(key);
        }

        @Override
        public String get(String key, String defaultValue) {
            return scope.get(key, defaultValue);
        }

        @Override
        public Integer getInt(String key, Integer defaultValue) {
            return scope.getInt(key, defaultValue);
        }

        @Override
        public Long getLong(String key, Long defaultValue) {
            return scope.getLong(key, defaultValue);
        }

        @Override
        public Boolean getBoolean(String key, Boolean defaultValue) {
            return scope.getBoolean(key, defaultValue);
        }

        @Override
        public Config.Scope scope(String... path) {
            return scope.scope(path);
        }

        @Override
        @SuppressWarnings("deprecation") // still abstract
        public Set<String> getPropertyNames() {
            return scope.getPropertyNames();
        }

        @Override
        public Config.Scope root() {
            return scope.root();
        }
    }
}
