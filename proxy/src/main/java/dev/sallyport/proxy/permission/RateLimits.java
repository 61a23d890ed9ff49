package dev.sallyport.proxy.permission;

import dev.sallyport.proxy.refusal.Refusal;
import dev.sallyport.proxy.refusal.Refused;
import dev.sallyport.proxy.settings.CallRules.Rate;
import dev.sallyport.proxy.settings.CallRules.Rates;
import dev.sallyport.proxy.token.VerifiedToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The limits of one server on how often it may be called. A call counts against all of them or against none. */
final class RateLimits {

    private final String server;
    private final Rates rates;
    private final RateStore store;

    private record Count(RateStore.Key key, Rate rate) {}

    RateLimits(String server, Rates rates, RateStore store) {
        this.server = server;
        this.rates = rates;
        this.store = store;
    }

    boolean exist() {
        return !rates.equals(Rates.NONE);
    }

    /** @throws Refused with {@code TooManyRequests} if one of the limits is reached */
    void count(VerifiedToken token, Optional<String> tool) {
        var counts = new ArrayList<Count>();
        add(counts, RateStore.Kind.USER, token.issuer() + " " + token.subject(), rates.perUser());
        add(counts, RateStore.Kind.CLIENT, token.issuer() + " " + token.clientId(), rates.perClient());
        tool.ifPresent(name -> add(counts, RateStore.Kind.TOOL, name, rates.perTool()));
        add(counts, RateStore.Kind.SERVER, "", rates.perServer());
        for (var i = 0; i < counts.size(); i++) {
            var wait = store.take(counts.get(i).key(), counts.get(i).rate());
            if (wait.isPositive()) {
                counts.subList(0, i).forEach(count -> store.giveBack(count.key(), count.rate()));
                throw new Refused(new Refusal.TooManyRequests(wait));
            }
        }
    }

    private void add(List<Count> counts, RateStore.Kind kind, String name, Optional<Rate> rate) {
        rate.ifPresent(limit -> counts.add(new Count(new RateStore.Key(server, kind, name), limit)));
    }
}
