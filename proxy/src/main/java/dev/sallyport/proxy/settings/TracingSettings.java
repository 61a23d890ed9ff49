package dev.sallyport.proxy.settings;

import java.net.URI;

/**
 * Where spans go.
 *
 * @param collector base URL of an OpenTelemetry collector that takes OTLP over HTTP
 * @param percent of the requests that come without a trace of their own, how many begin one
 */
public record TracingSettings(URI collector, int percent) {}
