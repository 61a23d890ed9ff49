package dev.sallyport.suites.journey;

import dev.sallyport.suites.product.Await;
import dev.sallyport.testkit.client.Tokens;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.HttpClientStreamableHttpTransport;
import io.modelcontextprotocol.spec.McpSchema;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/** The Java SDK. */
final class ConnectedJava implements Connected {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Map<String, Object> PERSON =
            Map.of("name", "Ada", "username", "ada", "email", "ada@example.org");

    private final Queue<McpSchema.ProgressNotification> reports = new ConcurrentLinkedQueue<>();
    private final McpSyncClient client;
    private final String revision;

    ConnectedJava(URI server, Tokens tokens) {
        var transport = HttpClientStreamableHttpTransport.builder(
                        server.resolve("/").toString())
                .endpoint(server.getPath())
                .addHttpRequestCustomizer(
                        (request, _, _, _, _) -> request.setHeader("Authorization", "Bearer " + tokens.accessToken()))
                .build();
        client = McpClient.sync(transport)
                .requestTimeout(PATIENCE)
                .initializationTimeout(PATIENCE)
                .progressConsumer(reports::add)
                .capabilities(McpSchema.ClientCapabilities.builder()
                        .elicitation(true, false)
                        .sampling()
                        .build())
                .elicitation(ConnectedJava::elicited)
                .sampling(ConnectedJava::sampled)
                .build();
        revision = client.initialize().protocolVersion();
    }

    @Override
    public String revision() {
        return revision;
    }

    @Override
    public List<String> tools() {
        return client.listTools().tools().stream().map(McpSchema.Tool::name).toList();
    }

    @Override
    public Called call(String tool, Map<String, Object> arguments) {
        var result = client.callTool(
                McpSchema.CallToolRequest.builder(tool).arguments(arguments).build());
        return called(result, List.of());
    }

    /** The SDK hands reports to a thread of its own, so that the result can overtake them. */
    @Override
    public Called callWithProgress(String tool, Map<String, Object> arguments) {
        var token = UUID.randomUUID().toString();
        var result = client.callTool(McpSchema.CallToolRequest.builder(tool)
                .arguments(arguments)
                .progressToken(token)
                .build());
        Await.until(PATIENCE, "three reports of progress", () -> reported(token).size() >= 3);
        return called(result, reported(token));
    }

    @Override
    public String resource(String uri) {
        return client.readResource(McpSchema.ReadResourceRequest.builder(uri).build()).contents().stream()
                .map(part -> part instanceof McpSchema.TextResourceContents text ? text.text() : "")
                .collect(Collectors.joining("\n"));
    }

    @Override
    public String prompt(String name, Map<String, Object> arguments) {
        return client
                .getPrompt(McpSchema.GetPromptRequest.builder(name)
                        .arguments(arguments)
                        .build())
                .messages()
                .stream()
                .map(message -> text(List.of(message.content())))
                .collect(Collectors.joining("\n"));
    }

    @Override
    public void close() {
        client.closeGracefully();
    }

    private static McpSchema.ElicitResult elicited(McpSchema.ElicitFormRequest question) {
        var demanded = question.requestedSchema().get("required") instanceof List<?> fields ? fields : List.of();
        var content = demanded.stream().map(String::valueOf).collect(Collectors.toMap(field -> field, PERSON::get));
        return McpSchema.ElicitResult.builder(McpSchema.ElicitResult.Action.ACCEPT)
                .content(content)
                .build();
    }

    private static McpSchema.CreateMessageResult sampled(McpSchema.CreateMessageRequest question) {
        var asked = question.messages().stream()
                .map(message -> text(List.of(message.content())))
                .collect(Collectors.joining(" "));
        return McpSchema.CreateMessageResult.builder(
                        McpSchema.Role.ASSISTANT, "The model was asked: " + asked, "journey")
                .build();
    }

    private List<Double> reported(String token) {
        return reports.stream()
                .filter(report -> token.equals(report.progressToken()))
                .map(McpSchema.ProgressNotification::progress)
                .sorted()
                .toList();
    }

    private static Called called(McpSchema.CallToolResult result, List<Double> progress) {
        return new Called(text(result.content()), Boolean.TRUE.equals(result.isError()), progress);
    }

    private static String text(List<? extends McpSchema.Content> content) {
        return content.stream()
                .map(part -> part instanceof McpSchema.TextContent text ? text.text() : "")
                .collect(Collectors.joining("\n"));
    }
}
