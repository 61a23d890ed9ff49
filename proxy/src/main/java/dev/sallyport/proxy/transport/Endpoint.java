package dev.sallyport.proxy.transport;

import dev.sallyport.proxy.discovery.Challenges;
import dev.sallyport.proxy.gate.Gate;
import dev.sallyport.proxy.settings.ServerSettings;
import io.vertx.core.buffer.Buffer;

/** One MCP server as clients meet it. {@code metadata} is its RFC 9728 document. */
public record Endpoint(ServerSettings server, Gate gate, Challenges challenges, Buffer metadata) {}
