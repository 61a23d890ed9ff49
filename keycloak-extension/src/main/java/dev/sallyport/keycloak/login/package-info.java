/**
 * What the steps of a login for an MCP server share: the authorization request as the steps see it, where its answer goes,
 * the stable address of a step, and how our pages are rendered. A leaf for the packages that own a step.
 */
@NullMarked
package dev.sallyport.keycloak.login;

import org.jspecify.annotations.NullMarked;
