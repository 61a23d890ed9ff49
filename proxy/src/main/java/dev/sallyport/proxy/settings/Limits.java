package dev.sallyport.proxy.settings;

import java.time.Duration;

/**
 * Bounds that hold for every request. Sizes in bytes.
 *
 * @param bodies what all request bodies that are held at one time may take together
 * @param firstRequest until the head of the first request on a connection is complete
 * @param betweenRequests likewise for every later one
 * @param bodyTime for one body, however small its pieces
 */
public record Limits(
        int body,
        int bodies,
        int headers,
        int connections,
        int connectionsPerUpstream,
        Duration firstRequest,
        Duration betweenRequests,
        Duration bodyTime,
        Duration connect,
        Duration firstByte,
        Duration idleStream,
        Duration shutdown) {

    /** 4 MiB bodies, 64 MiB of them, 32 KiB headers, 20,000 connections, 5 s to connect, 60 s to the first byte. */
    public static Limits defaults() {
        return new Limits(
                4 * 1024 * 1024,
                64 * 1024 * 1024,
                32 * 1024,
                20_000,
                20_000,
                Duration.ofSeconds(15),
                Duration.ofSeconds(75),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                Duration.ofSeconds(60),
                Duration.ofHours(1),
                Duration.ofSeconds(20));
    }
}
