package dev.sallyport.keycloak.consent;

import dev.sallyport.keycloak.consent.ConsentPage.Notice;
import dev.sallyport.keycloak.login.McpRequest;
import dev.sallyport.keycloak.login.Step;
import jakarta.ws.rs.core.MultivaluedMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.keycloak.authentication.InitiatedActionSupport;
import org.keycloak.authentication.RequiredActionContext;
import org.keycloak.authentication.RequiredActionProvider;
import org.keycloak.common.util.SecretGenerator;
import org.keycloak.events.Details;
import org.keycloak.events.EventType;
import org.keycloak.sessions.AuthenticationSessionModel;

/**
 * Asks the person who logged in what an MCP client may do. Runs on every way to a code, also with a session that is
 * there already and with {@code prompt=none}, where needing the page makes Keycloak answer {@code interaction_required}.
 *
 * <p>An answer counts once, for the page that it was given on: the session code in the form's address binds it to the
 * browser and the step, the offer's number to what was shown. Nothing is granted that was not offered.
 */
final class ConsentAction implements RequiredActionProvider {
    private static final String DECIDED = "sallyport.decided";
    private static final String OFFER = "sallyport.offer";
    private static final String NOTICE = "sallyport.notice";

    @Override
    public void evaluateTriggers(RequiredActionContext context) {
        var login = context.getAuthenticationSession();
        var request = McpRequest.of(context.getSession(), login).orElse(null);
        if (request == null) {
            login.removeRequiredAction(ConsentActionFactory.ID);
            return;
        }
        if (isDecided(login, request)) {
            AgreedScope.keep(context);
            login.removeRequiredAction(ConsentActionFactory.ID);
            return;
        }
        var direct = Navigation.isDirect(context.getSession(), login);
        var remembered = new Consents(context.getSession(), context.getRealm()).remembered(request);
        var offer = offer(context, request);
        if (direct
                && !request.consentDemanded()
                && request.destination().identifiesReceiver()
                && remembered.isPresent()
                && offer.isAnsweredBy(remembered.get())) {
            AgreedScope.settle(context, offer.asked(remembered.get().agreed()));
            login.removeRequiredAction(ConsentActionFactory.ID);
        } else {
            login.addRequiredAction(ConsentActionFactory.ID);
        }
    }

    @Override
    public void requiredActionChallenge(RequiredActionContext context) {
        var login = context.getAuthenticationSession();
        var request = McpRequest.of(context.getSession(), login).orElse(null);
        if (request == null || isDecided(login, request)) {
            context.success();
            return;
        }
        var number = SecretGenerator.getInstance().randomString(32);
        var offer = offer(context, request);
        login.setAuthNote(OFFER, number + " " + String.join(" ", offer.scopes()));
        var note = login.getAuthNote(NOTICE);
        var notice = note == null ? Notice.NONE : Notice.valueOf(note);
        login.removeAuthNote(NOTICE);
        var shown = notice == Notice.NOTHING_TICKED ? offer.unticked() : offer;
        context.challenge(new ConsentPage(context, request, shown).render(number, notice));
    }

    @Override
    public void processAction(RequiredActionContext context) {
        var request = McpRequest.of(context.getSession(), context.getAuthenticationSession())
                .orElse(null);
        var form = context.getHttpRequest().getDecodedFormParameters();
        var decision = only(form, "decision");
        if (request == null || decision.equals("deny")) {
            context.failure();
            return;
        }
        var offer = offer(context, request);
        if (!answersWhatWasShown(context, form, offer)) {
            again(context, Notice.CHANGED);
            return;
        }
        var ticked = ticked(form, offer, decision);
        if (!offer.scopes().containsAll(ticked)) {
            again(context, Notice.CHANGED);
        } else if (ticked.isEmpty()) {
            again(context, Notice.NOTHING_TICKED);
        } else {
            allow(context, request, offer, ticked);
        }
    }

    private static void allow(RequiredActionContext context, McpRequest request, Offer offer, Set<String> agreed) {
        var login = context.getAuthenticationSession();
        var withdrawn = offer.items().stream().anyMatch(item -> item.earlier() && !agreed.contains(item.scope()));
        new Consents(context.getSession(), context.getRealm()).record(request, offer, agreed);
        AgreedScope.settle(context, agreed);
        AgreedScope.forgetPrompt(login);
        login.setAuthNote(DECIDED, decision(request));
        login.removeAuthNote(OFFER);
        login.removeRequiredAction(ConsentActionFactory.ID);
        context.getEvent()
                .clone()
                .event(withdrawn ? EventType.UPDATE_CONSENT : EventType.GRANT_CONSENT)
                .detail(Details.GRANTED_CLIENT, request.client().getClientId())
                .detail(Details.SCOPE, String.join(" ", agreed))
                .detail("resource", request.server().resource())
                .success();
        context.getEvent().detail(Details.CONSENT, Details.CONSENT_VALUE_CONSENT_GRANTED);
        context.success();
    }

    private static Set<String> ticked(MultivaluedMap<String, String> form, Offer offer, String decision) {
        var ticked = new LinkedHashSet<>(form.getOrDefault("scope", List.of()));
        return switch (decision) {
            case "allow" -> ticked;
            case "read" -> offer.readOnly(ticked);
            default -> Set.of();
        };
    }

    private static boolean answersWhatWasShown(
            RequiredActionContext context, MultivaluedMap<String, String> form, Offer offer) {
        var shown = context.getAuthenticationSession().getAuthNote(OFFER);
        var now = only(form, "offer") + " " + String.join(" ", offer.scopes());
        var site = context.getHttpRequest().getHttpHeaders().getRequestHeader("Sec-Fetch-Site");
        return now.equals(shown) && site.stream().allMatch("same-origin"::equals);
    }

    /** By a redirect, so that the page is a fresh one and reloading it sends no form again. */
    private static void again(RequiredActionContext context, Notice notice) {
        context.getAuthenticationSession().setAuthNote(NOTICE, notice.name());
        context.challenge(Step.redirectTo(context, ConsentActionFactory.ID));
    }

    private static Offer offer(RequiredActionContext context, McpRequest request) {
        var consents = new Consents(context.getSession(), context.getRealm());
        var eligibility = new Eligibility(context.getSession(), context.getRealm(), request.user());
        return Offer.of(
                request.server(),
                request.requested(),
                new Offer.Earlier(
                        consents.granted(request.user(), request.client(), request.server()),
                        consents.remembered(request)),
                eligibility::mayGrant);
    }

    private static boolean isDecided(AuthenticationSessionModel login, McpRequest request) {
        return decision(request).equals(login.getAuthNote(DECIDED));
    }

    private static String decision(McpRequest request) {
        return request.user().getId() + " " + request.server().resource();
    }

    private static String only(MultivaluedMap<String, String> form, String name) {
        var values = form.get(name);
        return values == null || values.size() != 1 ? "" : Objects.requireNonNullElse(values.get(0), "");
    }

    /**
     * A client may send {@code kc_action} with this action's name. Keycloak leaves out an action that does not support
     * that, so saying no would let the client skip consent; saying yes only shows the page.
     */
    @Override
    public InitiatedActionSupport initiatedActionSupport() {
        return InitiatedActionSupport.SUPPORTED;
    }

    @Override
    public void close() {}
}
