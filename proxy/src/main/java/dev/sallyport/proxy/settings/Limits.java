package dev.sallyport.proxy.settings;

import java.time.Duration;

/** Bounds that hold for every request. Sizes in bytes. */
public record Limits(
        int body,
        int headers,
        int connections,
        int connectionsPerUpstream,
        Duration connect,
        Duration firstByte,
        Duration idleStream,
        Duration shutdown) {

    /** 4 MiB bodies, 32 KiB headers, 20,000 connections, 5 s to connect, 60 s to the first byte of an answer. */
    public static Limits defaults() {
        return new Limits(
                4 * 1024 * 1024,
                32 * 1024,
                20_000,
                20_000,
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofHours(1),
                Duration.ofSeconds(20));
    }
}
