/**
 * Ways for a refused request to lead the person behind a client to a page: URL mode elicitation as MCP 2025-11-25 and
 * 2026-07-28 define it, and plain words for clients that know neither.
 *
 * <p>It does not know what the pages are for, nor who may see them: a link proves nothing, and the page asks for a sign-in.
 */
@NullMarked
package dev.sallyport.proxy.elicitation;

import org.jspecify.annotations.NullMarked;
