package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.mcp.Body;
import dev.sallyport.proxy.token.VerifiedToken;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** @param tasks is asked only where it matters */
record Permitted(
        VerifiedToken token, Optional<Body> body, List<Ruling> rulings, BooleanSupplier tasks, AnswerFilter filter)
        implements PermittedCall {

    Permitted {
        rulings = List.copyOf(rulings);
    }

    @Override
    public boolean maySeeTasks() {
        return tasks.getAsBoolean();
    }
}
