package dev.sallyport.testkit.scenario;

/**
 * Where a client goes, and as whom.
 *
 * @param port on the loopback
 * @param host what the client takes it for
 * @param path of the MCP server; clients of 2024-11-05 go to {@code /sse} below it
 * @param token a good one
 */
public record Endpoint(int port, String host, String path, String token) {}
