package dev.sallyport.proxy.bridge;

import java.util.Optional;

/** Where a client of Streamable HTTP wants to resume: after an event of one of its session's streams. */
record Place(int stream, long after) {

    /** Empty for what is no id of an event of ours. */
    static Optional<Place> of(String lastEventId) {
        if (!lastEventId.matches("[0-9]{1,9}-[0-9]{1,18}")) {
            return Optional.empty();
        }
        var parts = lastEventId.split("-", 2);
        return Optional.of(new Place(Integer.parseInt(parts[0]), Long.parseLong(parts[1])));
    }
}
