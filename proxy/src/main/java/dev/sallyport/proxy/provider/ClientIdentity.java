package dev.sallyport.proxy.provider;

import dev.sallyport.proxy.secret.Secret;
import dev.sallyport.proxy.settings.CredentialSettings.Authentication;
import java.util.Optional;

/** Who the proxy is at one provider, and how it proves it. */
record ClientIdentity(String id, Optional<Secret> secret, Authentication authentication) {}
