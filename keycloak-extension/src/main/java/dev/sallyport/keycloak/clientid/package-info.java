/**
 * Client ID Metadata Documents (draft-ietf-oauth-client-id-metadata-document): a {@code client_id} that is an https URL, at
 * which the client publishes what it would otherwise register. Fetching a URL that anybody may name is the danger here, so
 * the fetch is guarded in one place and the document is believed in nothing but what concerns the client itself.
 */
@NullMarked
package dev.sallyport.keycloak.clientid;

import org.jspecify.annotations.NullMarked;
