package dev.sallyport.keycloak.registry;

/** How many permission sets a publication made, changed, removed and left alone. */
record Difference(int created, int updated, int deleted, int unchanged) {}
