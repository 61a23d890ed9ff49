package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.token.VerifiedToken;
import java.util.Optional;

record Permitted(VerifiedToken token, Optional<Body> body, AnswerFilter filter) implements PermittedCall {}
