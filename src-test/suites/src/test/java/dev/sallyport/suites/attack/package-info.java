/**
 * What attackers try, one class per threat of {@code docs/threat-model.md}: what the attacker does, and what he does not
 * get. Against the packaged proxy or the whole product over sockets; the MCP servers behind count what reaches them, so
 * that "refused" means that nothing was sent.
 */
@NullMarked
package dev.sallyport.suites.attack;

import org.jspecify.annotations.NullMarked;
