package dev.sallyport.bench;

/** How much is measured. Every step is bounded by a number or by a time. */
record Plan(
        int rounds,
        int requests,
        int connections,
        int tokens,
        int starts,
        int settleSeconds,
        int latencies,
        int streams) {

    /** About four minutes. */
    static Plan whole() {
        return new Plan(5, 10_000, 16, 1_000, 3, 15, 2_000, 2_000);
    }

    /** Less than a minute: shows that everything still runs; its figures are rough. */
    static Plan quick() {
        return new Plan(2, 4_000, 16, 200, 1, 4, 500, 200);
    }

    Plan withStreams(int count) {
        return new Plan(rounds, requests, connections, tokens, starts, settleSeconds, latencies, count);
    }
}
