package dev.sallyport.proxy.mcp;

import java.util.List;

/** A parsed request body: one message, or a batch of the 2025-03-26 revision. Never empty. */
public record Body(List<Message> messages, boolean batch) {

    public Body {
        messages = List.copyOf(messages);
        if (messages.isEmpty() || (!batch && messages.size() != 1)) {
            throw new IllegalArgumentException("a body holds one message, or a batch of at least one");
        }
    }
}
