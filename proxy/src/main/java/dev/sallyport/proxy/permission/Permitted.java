package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.token.VerifiedToken;
import java.util.List;
import java.util.Optional;

record Permitted(VerifiedToken token, Optional<Body> body, List<Ruling> rulings, AnswerFilter filter)
        implements PermittedCall {

    Permitted {
        rulings = List.copyOf(rulings);
    }
}
