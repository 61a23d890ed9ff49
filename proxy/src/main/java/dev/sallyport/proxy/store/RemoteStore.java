package dev.sallyport.proxy.store;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.StoreSettings;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.infinispan.client.hotrod.RemoteCacheManager;
import org.infinispan.client.hotrod.configuration.ClientIntelligence;
import org.infinispan.client.hotrod.configuration.Configuration;
import org.infinispan.client.hotrod.configuration.ConfigurationBuilder;
import org.infinispan.commons.configuration.StringConfiguration;
import org.infinispan.commons.marshall.IdentityMarshaller;

/**
 * Infinispan servers that others run, spoken to over Hot Rod. A cache that is not there is made, if the login may; an
 * operator who makes them beforehand decides about owners and disks.
 */
public final class RemoteStore implements Store {

    private static final int CONNECT_MILLIS = 3_000;
    private static final int ANSWER_MILLIS = 10_000;

    private final RemoteCacheManager client;
    private final Map<AreaName, Area> areas = new EnumMap<>(AreaName.class);

    private RemoteStore(RemoteCacheManager client) {
        this.client = client;
    }

    /** @throws StoreProblem if the servers cannot be reached, refuse the login, or lack a cache that may not be made */
    public static RemoteStore open(StoreSettings.Remote settings, Optional<Secret> password) {
        RemoteCacheManager client = null;
        try {
            client = new RemoteCacheManager(configuration(settings, password), false);
            client.start();
            var store = new RemoteStore(client);
            for (var name : AreaName.values()) {
                store.open(name, settings);
            }
            return store;
        } catch (RuntimeException e) {
            if (client != null) {
                client.close();
            }
            throw new StoreProblem(
                    "The store at " + String.join(", ", settings.servers())
                            + " cannot be used. Check store.remote: the addresses, whether the servers speak TLS with a"
                            + " certificate that is trusted here, user and password; and that the user may create caches"
                            + " whose names begin with \"" + settings.prefix()
                            + "\", or that they are there; with one server by itself, owners: 1.",
                    e);
        }
    }

    private void open(AreaName name, StoreSettings.Remote settings) {
        var cache = settings.prefix() + name.cache();
        var found = Optional.ofNullable(client.<byte[], byte[]>getCache(cache));
        areas.put(
                name,
                new RemoteArea(
                        name,
                        found.orElseGet(() -> client.administration()
                                .getOrCreateCache(cache, new StringConfiguration(form(settings.owners(), name))))));
    }

    private static String form(int owners, AreaName name) {
        var body = new StringBuilder("<encoding media-type=\"application/octet-stream\"/>");
        if (name.keeps() != AreaName.Keeps.WHILE_RUNNING) {
            body.append("<memory max-count=\"100000\"/><persistence><file-store><data sync-writes=\"")
                    .append(name.keeps() == AreaName.Keeps.FOR_GOOD)
                    .append("\"/></file-store></persistence>");
        } else if (name.whenFull() == AreaName.WhenFull.OLDEST_GIVES_WAY) {
            body.append("<memory max-count=\"").append(name.maxEntries()).append("\" when-full=\"REMOVE\"/>");
        }
        return owners == 1
                ? "<local-cache statistics=\"true\">" + body + "</local-cache>"
                : "<distributed-cache owners=\"" + owners + "\" statistics=\"true\">"
                        + "<partition-handling when-split=\"DENY_READ_WRITES\"/>" + body + "</distributed-cache>";
    }

    private static Configuration configuration(StoreSettings.Remote settings, Optional<Secret> password) {
        var builder = new ConfigurationBuilder()
                .addServers(String.join(";", settings.servers()))
                .marshaller(new IdentityMarshaller())
                .clientIntelligence(ClientIntelligence.HASH_DISTRIBUTION_AWARE)
                .connectionTimeout(CONNECT_MILLIS)
                .socketTimeout(ANSWER_MILLIS)
                .maxRetries(2);
        builder.statistics().disable();
        if (settings.tls()) {
            var ssl = builder.security()
                    .ssl()
                    .enable()
                    .sniHostName(settings.name())
                    .hostnameValidation(true);
            settings.trust()
                    .ifPresentOrElse(
                            file -> ssl.trustStoreFileName(file.toString()).trustStoreType("pem"),
                            () -> ssl.sslContext(jvm()));
        }
        settings.login()
                .ifPresent(login -> password.ifPresent(secret -> builder.security()
                        .authentication()
                        .enable()
                        .saslMechanism("SCRAM-SHA-512")
                        .username(login.user())
                        .password(secret.<char[]>reveal(
                                bytes -> new String(bytes, StandardCharsets.UTF_8).toCharArray()))));
        return builder.build();
    }

    private static SSLContext jvm() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has a default", e);
        }
    }

    @Override
    public Area area(AreaName name) {
        return Optional.ofNullable(areas.get(name))
                .orElseThrow(() -> new IllegalStateException("every area is opened at the start"));
    }

    @Override
    public Optional<String> problem() {
        try {
            area(AreaName.CONNECTIONS).get("");
            return Optional.empty();
        } catch (StoreProblem e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
