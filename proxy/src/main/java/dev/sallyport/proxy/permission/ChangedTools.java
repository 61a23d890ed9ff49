package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.token.VerifiedToken;
import java.util.Optional;

/** Where tools that are not what was agreed to are kept until somebody has seen the difference. */
public interface ChangedTools {

    /**
     * One tool that stopped.
     *
     * @param byPerson whether the person may accept it; else the operator has to
     */
    record Change(ToolPins.Key key, VerifiedToken token, ToolPins.Pin before, ToolPins.Pin now, boolean byPerson) {}

    /** Keeps a definition as it is written, so that it can be shown when there is another. Does not wait. */
    void keep(String digest, byte[] definition);

    /** Where the person can see what changed; empty if nobody can be shown anything. Does not wait. */
    Optional<String> show(Change change);

    /** For a gate whose people have no page to look at. */
    ChangedTools NOWHERE = new ChangedTools() {
        @Override
        public void keep(String digest, byte[] definition) {
            // Nobody will ask for it.
        }

        @Override
        public Optional<String> show(Change change) {
            return Optional.empty();
        }
    };
}
